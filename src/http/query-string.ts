/** Query strings as PHP and Pusher's SDKs write them. */

/** By name. A list (`x[]=a&x[]=b`, `x[0]=a`) is joined with commas under its plain name; of a name that occurs twice the last value counts. */
export type Query = ReadonlyMap<string, string>

export function parseQuery(text: string): Query {
  const query = new Map<string, string>()
  if (text === '') return query
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    const plain = listName(name)
    const before = plain === undefined ? undefined : query.get(plain)
    query.set(plain ?? name, before === undefined ? value : `${before},${value}`)
  }
  return query
}

/** What is signed: every parameter but `auth_signature`, sorted by name, `name=value` joined by `&`, not encoded. */
export function canonicalQuery(query: Query): string {
  const names = [...query.keys()].filter(name => name !== 'auth_signature').sort()
  return names.map(name => `${name}=${query.get(name)}`).join('&')
}

/** `x` for `x[]` and `x[3]`; undefined for any other name. What authenticates a request is never a list. */
function listName(name: string): string | undefined {
  return name.endsWith(']') ? /^(?!auth_)(.+)\[\d*\]$/s.exec(name)?.[1] : undefined
}

/** A plus is a space; percent signs that decode to nothing stay as they are. */
function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return decodeComponent(spaced)
}

/** As `decodeURIComponent`, but text that it refuses stays as it is. */
export function decodeComponent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
