/** The commands in the code of a page, as words. */
import type { Code, Page } from '../../support/markdown.ts'

export type Command = { readonly name: string; readonly words: readonly string[]; readonly line: number }

/** Each command whose words begin so, up to the end of the line or the shell's next operator. */
export function commandsOn(page: Page, beginning: RegExp): Command[] {
  return [...page.spans, ...page.blocks.flatMap(lines)].flatMap(({ text, line }) => {
    const pattern = new RegExp(`(?:^|[\\s"'(=\`/])(?:${beginning.source})(?![\\w.-])`, 'g')
    return [...text.matchAll(pattern)].map(match => ({
      name: match.slice(1).find(group => group !== undefined) ?? match[0].trim(),
      words: words(text.slice(match.index + match[0].length)),
      line,
    }))
  })
}

/** The names of the long options among the words. */
export function optionsOf({ words }: Command): string[] {
  return words.flatMap(word => /^--([a-z][a-z-]*)/.exec(word)?.[1] ?? [])
}

/** Lines, with those that a backslash continues joined. */
function lines({ text, line }: Code): Code[] {
  const joined: Code[] = []
  let open = false
  for (const [i, part] of text.split('\n').entries()) {
    const last = joined.at(-1)
    const content = part.replace(/\\$/, ' ')
    if (open && last !== undefined) joined[joined.length - 1] = { ...last, text: last.text + content }
    else joined.push({ text: content, line: line + 1 + i })
    open = part.endsWith('\\')
  }
  return joined
}

/** As a shell or a list of YAML or JSON has them. */
function words(text: string): string[] {
  const found: string[] = []
  for (const [word] of text.matchAll(/[A-Z]+="[^"]*"|(?:[^\s"',[\]`]|(?<==)["'][^"']*["'])+/g)) {
    if (/^(?:[#;&|>)}]|\d?>)/.test(word)) break
    found.push(word.replace(/[);]+$/, ''))
    if (/[);]$/.test(word)) break
  }
  return found
}
