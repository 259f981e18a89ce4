/**
 * The header with which every answer other than 200 says in words for programs why: the name of the refusal and, where the sentence of the
 * body has values in it, these values as parameters (RFC 8941, an item). docs/monitoring.md lists them.
 */
import type { RequestRefusal } from '../protocol/refusal.ts'

export const refusalHeader = 'Revurb-Refusal'

/** Why a request is not answered with 200: that of a WebSocket and an error of the server itself included. Each is a code of the log. */
export type AnswerCode = RequestRefusal | 'bad-handshake' | 'unexpected-error'

type Row = {
  /** The statuses of its answers. */
  readonly statuses: readonly number[]
  /** The parameters that its answers may have. */
  readonly parameters: readonly string[]
}

const of = (statuses: readonly number[], ...parameters: string[]): Row => ({ statuses, parameters })

export const answerCodes: Readonly<Record<AnswerCode, Row>> = {
  'bad-handshake': of([400, 426]),
  'request-host': of([400]),
  'request-path': of([404]),
  'request-method': of([405]),
  'request-too-large': of([413], 'limit'),
  'request-bodies': of([503]),
  'request-incomplete': of([400]),
  'request-unknown-app': of([404]),
  'request-apps-unreachable': of([503]),
  'request-app-disabled': of([403]),
  'request-signature': of([401], 'part'),
  'request-timestamp': of([401], 'seconds', 'allowed'),
  'request-rate': of([429], 'limit', 'seconds'),
  'request-idempotency-key': of([400, 422], 'seconds'),
  'request-not-json': of([400]),
  'request-invalid': of([422]),
  'request-limit': of([400, 413], 'setting', 'limit'),
  'request-channel': of([400]),
  'unexpected-error': of([500]),
}

/** The values of an answer: texts that are tokens of RFC 8941, such as names of settings, and whole numbers. They are never secrets. */
export type AnswerParameters = Readonly<Record<string, string | number>>

/** The largest whole number that RFC 8941 knows, of 15 digits. A client may send a time that is further off. */
const maxInteger = 999_999_999_999_999

/** The header's value, such as `request-timestamp; seconds=700; allowed=600`. */
export function refusalValue(code: AnswerCode, parameters: AnswerParameters = {}): string {
  const texts = Object.entries(parameters).map(
    ([name, value]) => `; ${name}=${typeof value === 'number' ? Math.min(value, maxInteger) : value}`,
  )
  return code + texts.join('')
}
