/** Query strings as PHP and Pusher's SDKs write them. */

/** The values by name. A list (`x[]=a&x[]=b`, `x[0]=a`) is joined with commas under its plain name; of a name that occurs twice, the last value counts. */
export type Query = ReadonlyMap<string, string>

export function parseQuery(text: string): Query {
  const query = new Map<string, string>()
  if (text === '') return query
  const isPlain = !/[%+\]]/.test(text)
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const rawName = equals < 0 ? pair : pair.slice(0, equals)
    const rawValue = equals < 0 ? '' : pair.slice(equals + 1)
    if (isPlain) {
      query.set(rawName, rawValue)
      continue
    }
    const name = decode(rawName)
    const value = decode(rawValue)
    const plain = listName(name)
    const before = plain === undefined ? undefined : query.get(plain)
    query.set(plain ?? name, before === undefined ? value : `${before},${value}`)
  }
  return query
}

/**
 * The signed form of a query: every parameter but `auth_signature`, sorted by name, `name=value` joined by `&`, not encoded.
 *
 * @param bodyMd5 replaces the one that was sent
 */
export function canonicalQuery(query: Query, bodyMd5?: string): string {
  const pairs: [name: string, value: string][] = []
  for (const pair of query) if (pair[0] !== 'auth_signature' && pair[0] !== 'body_md5') pairs.push(pair)
  const md5 = bodyMd5 ?? query.get('body_md5')
  if (md5 !== undefined) pairs.push(['body_md5', md5])
  pairs.sort(([one], [other]) => (one < other ? -1 : 1))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

/** The name `x` of a list for `x[]` and `x[3]`; undefined for other names. Parameters that authenticate a request are never lists. */
function listName(name: string): string | undefined {
  return name.endsWith(']') ? /^(?!auth_)(.+)\[\d*\]$/s.exec(name)?.[1] : undefined
}

/** Decodes a plus as a space. Percent signs that are no valid encoding stay as they are. */
function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return decodeComponent(spaced)
}

/** As `decodeURIComponent`, but text that is no valid encoding stays as it is. */
export function decodeComponent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
