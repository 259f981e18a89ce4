/** Reads the published config/reverb.php. It has one key a line, on which `reverb:config --new` relies too. */

export type PublishedKey = { readonly variable: string | undefined; readonly value: unknown }

/** The keys with dots, `*` for each app, in the order of the file. */
export function publishedKeys(file: string): Map<string, PublishedKey> {
  const keys = new Map<string, PublishedKey>()
  const groups: string[] = []
  const [, body = ''] = /^return \[\n(.*)^\];/ms.exec(file) ?? []
  for (const line of body.split('\n').map(text => text.trim())) {
    if (line === '' || line.startsWith('//')) continue
    const [, key, value = ''] = /^(?:'(\w+)' => )?(.*?),?$/.exec(line) ?? []
    if (value === '[') groups.push(key ?? '*')
    else if (value === ']') groups.pop()
    else keys.set([...groups, key].join('.'), keyOf(value))
  }
  if (groups.length > 0 || keys.size === 0) throw new Error('config/reverb.php has not one key a line')
  return keys
}

/** @param text an expression of PHP: a literal, `env('NAME', literal)`, or a comparison of that with a literal */
function keyOf(text: string): PublishedKey {
  const [, variable, fallback, compared] = /^env\('(\w+)'(?:, ([^)]+))?\)(?: === (.+))?$/.exec(text) ?? []
  if (variable === undefined) return { variable, value: literal(text) }
  const value = fallback === undefined ? null : literal(fallback)
  return { variable, value: compared === undefined ? value : value === literal(compared) }
}

function literal(text: string): unknown {
  if (/^[\d_]+$/.test(text)) return Number(text.replaceAll('_', ''))
  if (/^(?:true|false)$/.test(text)) return text === 'true'
  const quoted = /^'(.*)'$/.exec(text)
  if (quoted !== null) return quoted[1]
  const list = /^\[(.*)\]$/.exec(text)
  if (list === null) throw new Error(`config/reverb.php has a value that cannot be read here: ${text}`)
  return list[1] === '' ? [] : list[1]!.split(', ').map(literal)
}
