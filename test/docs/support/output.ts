/** Compares what a command printed with what a page shows of it. */

/**
 * The first line of the shown text that the printed text does not have, or undefined where it has them all. In the shown text `…`
 * stands for any text of a line, and a line `…` for any lines. Empty lines, and the widths of columns and of leading dots, depend on
 * the terminal: they do not count.
 *
 * @param isComplete whether the command has ended; before, more lines may follow
 */
export function missingLine(shown: string, printed: string, isComplete = true): string | undefined {
  const expected = linesOf(shown)
  const lines = linesOf(printed)
  // For each shown line: how many printed lines may have been used up to it.
  let ends = new Set([0])
  for (const line of isComplete ? expected : [...expected, '…']) {
    const next = new Set<number>()
    for (const end of ends) {
      if (line === '…') for (let at = end; at <= lines.length; at++) next.add(at)
      else if (end < lines.length && matches(line, lines[end]!)) next.add(end + 1)
    }
    if (next.size === 0) return line
    ends = next
  }
  return ends.has(lines.length) ? undefined : `the end, and not: ${lines[Math.max(...ends)]}`
}

function matches(shown: string, line: string): boolean {
  const pattern = shown
    .split('…')
    .map(part => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`).test(line)
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => plain(line))
    .filter(line => line !== '')
}

function plain(line: string): string {
  return Bun.stripANSI(line)
    .replaceAll(/\s*\.{3,}(?=\s|$)/g, ' ...')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
