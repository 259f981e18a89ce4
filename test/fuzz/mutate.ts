/** Mutates valid input. */
import type { Random } from '../support/random.ts'

/** Texts that are difficult for parsers. */
const oddTexts = [
  '',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '\u0000',
  '\u2028',
  '\ufeff',
  'é',
  '💬',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '%',
  '%00',
  '+',
  '/',
  '#',
  'null',
  '-0',
  '1e999',
  '99999999999999999999',
  'pusher:',
  'pusher_internal:',
  'client-',
  'private-',
  'presence-',
  'cache-',
  'encrypted-',
  '#server-to-user-',
  '__proto__',
  'constructor',
  'toString',
]

const oddValues = [null, true, 0, -1, 1.5, 1e21, '', '0', ' ', [], {}, [[]], { id: null }, '\ud800', '💬', '__proto__']

export function oddText(random: Random): string {
  return random.several(4, () => random.pick(oddTexts)).join('')
}

/** A random JSON value, sometimes a deep or a long one. */
export function oddJson(random: Random, depth = 3): unknown {
  if (depth === 0 || random.chance(0.5)) return random.chance(0.5) ? random.pick(oddValues) : oddText(random)
  if (random.chance(0.02)) return nested(random.below(400))
  if (random.chance(0.02)) return 'x'.repeat(random.below(30_000))
  if (random.chance(0.5)) return random.several(4, () => oddJson(random, depth - 1))
  return Object.fromEntries(random.several(4, () => [oddText(random), oddJson(random, depth - 1)]))
}

/** A value with one part replaced, added or removed. */
export function mutateJson(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return oddJson(random)
  const entries = Object.entries(value)
  const at = random.below(entries.length + 1)
  const [key, old] = entries[at] ?? [oddText(random), undefined]
  if (old !== undefined && random.chance(0.2)) entries.splice(at, 1)
  else entries.splice(at, 1, [random.chance(0.1) ? oddText(random) : key, mutateJson(random, old)])
  return Array.isArray(value) ? entries.map(entry => entry[1]) : Object.fromEntries(entries)
}

/** A text with some pieces replaced, doubled, cut or inserted. */
export function mutateText(random: Random, text: string): string {
  let result = text
  for (let times = 1 + random.below(3); times > 0; times--) {
    const from = random.below(result.length + 1)
    const to = from + random.below(8)
    const piece = random.pick([oddText(random), result.slice(from, to).repeat(2), '', result.charAt(random.below(result.length))])
    result = random.chance(0.1) ? result.slice(0, from) : result.slice(0, from) + piece + result.slice(to)
  }
  return result
}

export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  const from = random.below(bytes.length + 1)
  const to = random.chance(0.5) ? from : from + random.below(6)
  return Buffer.concat([bytes.subarray(0, from), random.bytes(random.below(6)), bytes.subarray(to)])
}

function nested(depth: number): unknown {
  let value: unknown = 0
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}
