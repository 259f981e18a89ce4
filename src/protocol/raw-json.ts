/**
 * Cuts values out of JSON text unchanged. `JSON.parse` and `JSON.stringify` change some values (`1.0`, integers beyond 2^53, keys that
 * look like numbers), and what clients send each other must arrive unchanged.
 */

/** The members of a JSON object, each as its raw text; of a key that occurs twice, the last one. `text` must be a valid JSON object. */
export function rawMembers(text: string): Map<string, string> {
  const members = new Map<string, string>()
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at)
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    members.set(unquoted(text.slice(at, keyEnd)), text.slice(start, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** The elements of a JSON list, each as its raw text. `text` must be a valid JSON list. */
export function rawElements(text: string): string[] {
  const elements: string[] = []
  let at = skipSpace(text, text.indexOf('[') + 1)
  while (text[at] !== ']') {
    const end = endOfValue(text, at)
    elements.push(text.slice(at, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return elements
}

/**
 * Whether lists and objects are nested deeper than so many levels. To count brackets takes 1 µs where a parser takes 700 µs, for 4,900
 * nested lists. For a text that is not JSON the answer may be either.
 */
export function nestsDeeper(text: string, levels: number): boolean {
  // Each level has a bracket at its start and one at its end.
  if (text.length <= 2 * levels) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === codes.quote) {
      at = closingQuote(text, at)
      if (at < 0) return false
    } else if (code === codes.list || code === codes.object) {
      if (++depth > levels) return true
    } else if (code === codes.listEnd || code === codes.objectEnd) depth--
  }
  return false
}

const codes = { quote: 34, list: 91, listEnd: 93, object: 123, objectEnd: 125 } as const

/** The text of a JSON string. Most keys contain no escape. */
function unquoted(string: string): string {
  return string.includes('\\') ? (JSON.parse(string) as string) : string.slice(1, -1)
}

function skipSpace(text: string, at: number): number {
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}

/** The position after the closing quote. `at` is the position of the opening one. */
function endOfString(text: string, at: number): number {
  return closingQuote(text, at) + 1
}

/** The position of the closing quote; -1 where there is none. */
function closingQuote(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** Whether a quote is part of the string: an odd number of backslashes precedes it. */
function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text[quote - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return endOfString(text, start)
  if (first === '{' || first === '[') return endOfContainer(text, start)
  let end = start
  while (end < text.length && !',}]'.includes(text[end]!) && !isSpace(text.charCodeAt(end))) end++
  return end
}

function endOfContainer(text: string, start: number): number {
  let depth = 0
  let at = start
  do {
    const character = text[at]
    if (character === '"') {
      at = endOfString(text, at)
      continue
    }
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    at++
  } while (depth > 0)
  return at
}
