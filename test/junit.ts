/** Reads the JUnit reports of `bun test` and PHPUnit. */

/** `failures`: what failed, each with its reason, to be shown once more at the end of a long run. */
export type Tally = { passed: number; failed: number; skipped: number; failures: string[] }

/** A reason can be a diff of hundreds of lines; the whole of it is where the test ran. */
const maxReasonLines = 12

const entities: { readonly [name: string]: string } = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** Counts of the outermost suites: the first `<testsuites>` or `<testsuite>` that has them. */
export function tallyOf(xml: string): Tally {
  const head = /<testsuites?\s[^>]*\btests="\d+"[^>]*>/.exec(xml)?.[0] ?? ''
  const count = (name: string) => Number(attribute(head, name) ?? 0)
  const failed = count('failures') + count('errors')
  const skipped = count('skipped')
  return { passed: count('tests') - failed - skipped, failed, skipped, failures: failuresOf(xml) }
}

function failuresOf(xml: string): string[] {
  const failed = /<testcase\s([^>]*)>\s*<(?:failure|error)\b[^>]*?(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/g
  return [...xml.matchAll(failed)].map(([, attributes = '', reason = '']) => {
    const names = [attribute(attributes, 'classname'), attribute(attributes, 'name')].filter(name => name !== undefined)
    const lines = plain(reason)
      .split('\n')
      .filter(line => line.trim() !== '')
    return [names.join(' > '), ...lines.slice(0, maxReasonLines).map(line => `  ${line}`)].join('\n')
  })
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined ? undefined : plain(value)
}

function plain(escaped: string): string {
  return escaped.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return entities[name] ?? whole
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal))
  })
}
