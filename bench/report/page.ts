/** Replaces the generated part of docs/performance.md, between two comments. */

const begin = '<!-- bench: written by make bench BENCH=--full -->'
const end = '<!-- /bench -->'

/** @throws when the page has no such part */
export function insert(document: string, generated: string): string {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from === -1 || to < from) throw new Error(`there is no "${begin}" with a "${end}" behind it`)
  return `${document.slice(0, from + begin.length)}\n\n${generated}\n\n${document.slice(to)}`
}
