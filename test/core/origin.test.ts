import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isOriginAllowed } from '../../src/core/origin.ts'
import { testApp } from '../support/apps.ts'

const allowed = (patterns: string[], origin: string | null) => isOriginAllowed(testApp({ allowedOrigins: patterns }), origin)

describe('the pattern *', () => {
  test.each([null, '', 'null', 'https://a.example', 'nonsense'])('allows %p', origin => {
    expect(allowed(['*'], origin)).toBe(true)
    expect(allowed(['b.example', '*'], origin)).toBe(true)
  })
})

describe('a missing origin', () => {
  test.each([null, ''])('that is %p is refused where origins are restricted', origin => {
    expect(allowed(['a.example'], origin)).toBe(false)
    expect(allowed([], origin)).toBe(false)
  })

  test.each([null, ''])('that is %p is allowed where allow_missing_origin is on', origin => {
    expect(isOriginAllowed(testApp({ allowedOrigins: [], allowMissingOrigin: true }), origin)).toBe(true)
  })

  test('being allowed does not allow one that was sent', () => {
    expect(isOriginAllowed(testApp({ allowedOrigins: ['a'], allowMissingOrigin: true }), 'https://b')).toBe(false)
  })
})

describe('a pattern', () => {
  test.each([
    ['a.example', 'https://a.example'],
    ['a.example', 'http://a.example:8080'],
    ['a.example', 'https://a.example/path?query#hash'],
    ['a.example', 'https://user@a.example'],
    ['a.example', 'capacitor+x://a.example'],
    ['localhost', 'http://localhost:3000'],
    ['[::1]', 'http://[::1]:3000'],
    ['*.a.example', 'https://b.a.example'],
    ['*.a.example', 'https://c.b.a.example'],
    ['a.*', 'https://a.example'],
    ['*a*', 'https://bac'],
    ['a**b', 'https://ab'],
    ['https://a.example', 'https://a.example'],
    ['https://a.example:8443', 'https://a.example:8443'],
    ['https://*.a.example:*', 'https://b.a.example:8443'],
  ])('%s allows %s', (pattern, origin) => {
    expect(allowed([pattern], origin)).toBe(true)
    expect(allowed(['other.example', pattern], origin)).toBe(true)
  })

  test.each([
    ['a.example', 'https://b.example'],
    ['a.example', 'https://a.example.evil'],
    ['a.example', 'https://evil-a.example'],
    ['a.example', 'https://evil/a.example'],
    ['a.example', 'https://evil?a.example'],
    ['a.example', 'https://evil#@a.example'],
    ['a.example', 'https://evil/@a.example'],
    ['a.example', 'https://evil\\@a.example'],
    ['*.a.example', 'https://evil\\.a.example'],
    ['[::1]', 'https://[::1]evil'],
    ['[::1]', 'https://[::1'],
    ['a.example', 'https://A.example'],
    ['a.example', 'https://axexample'],
    ['*.a.example', 'https://a.example'],
    ['*.a.example', 'https://b.axexample'],
    ['*.a.example', 'https://evil/.a.example:1'],
    ['https://a.example', 'http://a.example'],
    ['https://a.example', 'https://a.example:8443'],
    ['https://a.example:8443', 'https://a.example'],
    ['a', 'a.example'],
    ['null', 'null'],
    ['*.example', 'https://evil:8443/.example'],
    ['n*l', 'null'],
    ['', 'https://a.example'],
  ])('%s refuses %s', (pattern, origin) => {
    expect(allowed([pattern], origin)).toBe(false)
  })

  test('has no other special characters', () => {
    expect(allowed(['a+.ex(a)|m[p]le?$^{1}\\'], 'https://aa.example')).toBe(false)
    expect(allowed(['*a+.(b)'], 'x://xa+.(b)')).toBe(true)
    expect(allowed(['*'.repeat(2)], 'https://any')).toBe(true)
  })
})

describe('an origin', () => {
  const host = (length: number) => `https://${'a'.repeat(length - 'https://'.length)}`

  test('of more than 300 characters is refused, whatever is allowed', () => {
    for (const patterns of [['*'], ['a*'], ['*a'], ['https://*'], [host(301)]]) expect(allowed(patterns, host(301))).toBe(false)
    for (const patterns of [['*'], ['a*'], ['*a'], ['https://*'], [host(300)]]) expect(allowed(patterns, host(300))).toBe(true)
  })

  test('is matched against patterns in linear time', () => {
    const started = process.cpuUsage()
    for (const stars of [10, 50, 100]) expect(allowed([`${'*a'.repeat(stars)}*b`], host(300))).toBe(false)
    const { user, system } = process.cpuUsage(started)
    // A regular expression with ten times ".*a" takes hours. The time is the processor's, in microseconds.
    expect(user + system).toBeLessThan(1_000_000)
  })

  test('is matched against a pattern as by a regular expression', () => {
    // Few characters, so that parts overlap.
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '(', '\n'), maxLength: 8 })
    fc.assert(
      fc.property(text, text, (pattern, rest) => {
        fc.pre(!pattern.includes('://'))
        const origin = `x://${rest.replaceAll(/[/?#@:]/g, '')}`
        const source = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        const expected = pattern === '*' || new RegExp(`^${source.join('.*')}$`, 's').test(origin.slice(4))
        expect(allowed([pattern], origin)).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  test('is matched against the patterns of its own app', () => {
    const [one, two] = [testApp({ allowedOrigins: ['a.*'] }), testApp({ allowedOrigins: ['b.*'] })]
    for (let i = 0; i < 2; i++) {
      expect([isOriginAllowed(one, 'https://a.example'), isOriginAllowed(two, 'https://a.example')]).toEqual([true, false])
      expect([isOriginAllowed(one, 'https://b.example'), isOriginAllowed(two, 'https://b.example')]).toEqual([false, true])
    }
  })
})
