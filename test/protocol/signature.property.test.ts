import { describe, expect, test } from 'bun:test'
import { channelAuth, requestSignature, verifyChannel, verifyRequest, verifyUser } from '../../src/protocol/signature.ts'
import { changed, fc, text } from '../support/property.ts'
import * as independent from '../support/sign.ts'

/** What is held against a signature, each part by its name. */
type Parts = Record<string, string>

const some = fc.string({ unit: 'grapheme', minLength: 1 })

/** A pair of parts: as they were signed, and with one character of one part changed. */
const spoiled = <P extends Parts>(parts: fc.Arbitrary<P>): fc.Arbitrary<[P, P]> =>
  parts.chain(original =>
    fc
      .constantFrom(...Object.keys(original))
      .chain(name => changed(original[name]!).map(value => [original, { ...original, [name]: value }] as [P, P])),
  )

function holdsForNothingElse<P extends Parts>(
  parts: fc.Arbitrary<P>,
  sign: (parts: P) => string,
  verify: (parts: P, auth: string) => boolean,
): void {
  const signed = parts.map(original => ({ ...original, auth: sign(original) }))
  fc.assert(
    fc.property(spoiled(signed), ([good, bad]) => {
      expect(verify(good, good.auth)).toBe(true)
      expect(verify(bad, bad.auth)).toBe(false)
    }),
    { numRuns: 600 },
  )
}

describe('a signature is valid for what was signed, and not with one other character:', () => {
  test('that of a subscription', () => {
    holdsForNothingElse(
      fc.record({ key: some, secret: some, socketId: some, channel: some }),
      ({ socketId, channel, ...app }) => independent.channelAuth(app, socketId, channel),
      ({ socketId, channel, ...app }, auth) => verifyChannel(app, socketId, channel, undefined, auth),
    )
  })

  test('that of a subscription with data', () => {
    holdsForNothingElse(
      fc.record({ key: some, secret: some, socketId: some, channel: some, data: text }),
      ({ socketId, channel, data, ...app }) => independent.channelAuth(app, socketId, channel, data),
      ({ socketId, channel, data, ...app }, auth) => verifyChannel(app, socketId, channel, data, auth),
    )
  })

  test('that of a sign-in', () => {
    holdsForNothingElse(
      fc.record({ key: some, secret: some, socketId: some, data: text }),
      ({ key, secret, socketId, data }) => `${key}:${independent.hmac(secret, `${socketId}::user::${data}`)}`,
      ({ socketId, data, ...app }, auth) => verifyUser(app, socketId, data, auth),
    )
  })

  test('that of a request', () => {
    holdsForNothingElse(
      fc.record({ secret: some, method: some, path: some, query: text }),
      ({ secret, method, path, query }) => independent.hmac(secret, `${method}\n${path}\n${query}`),
      ({ secret, method, path, query }, auth) => verifyRequest(secret, method, path, query, auth),
    )
  })
})

test('signatures are those of the independent signer', () => {
  const data = fc.option(text, { nil: undefined })
  fc.assert(
    fc.property(fc.record({ key: text, secret: text }), text, text, data, (app, socketId, channel, channelData) => {
      expect(channelAuth(app, socketId, channel, channelData)).toBe(independent.channelAuth(app, socketId, channel, channelData))
      expect(requestSignature(app.secret, socketId, channel, channelData ?? '')).toBe(
        independent.hmac(app.secret, [socketId, channel, channelData ?? ''].join('\n')),
      )
    }),
  )
})

test('any text can be compared with a signature', () => {
  fc.assert(
    fc.property(text, text, fc.option(text, { nil: undefined }), (auth, channel, data) => {
      expect(verifyChannel({ key: 'k', secret: 's' }, '1.1', channel, data, auth)).toBe(false)
    }),
  )
})
