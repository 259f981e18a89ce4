/**
 * Requests whose end two parsers may place differently. Each hides a second request there: a signed publish to the channel `smuggled`,
 * which is accepted by a server that parses it as a request.
 */
import { signedQuery } from './sign.ts'

type App = { readonly id: string; readonly key: string; readonly secret: string }

export type Shape = {
  readonly name: string
  readonly bytes: string
  /** The statuses of the server's answers, in order. */
  readonly statuses: string
  /** The server has read all bytes as one request, and keeps the connection open. */
  readonly staysOpen: boolean
}

/** A whole publish to that channel. */
export function publishTo(app: App, channel: string): string {
  const path = `/apps/${app.id}/events`
  const body = JSON.stringify({ name: 'e', channel, data: '{}' })
  const target = `${path}?${signedQuery(app, { method: 'POST', path, body })}`
  return `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

export function shapes(app: App): Shape[] {
  const hidden = publishTo(app, 'smuggled')
  /** In hex, as the size of a chunk. */
  const size = hidden.length.toString(16)
  const post = (headers: string, rest: string) =>
    `POST /apps/${app.id}/events HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n${rest}`
  const ended = `0\r\n\r\n${hidden}`
  /** A body whose length covers the hidden request, behind a header that contradicts it. */
  const covered = (header: string) => post(`Content-Length: ${ended.length}\r\n${header}`, ended)
  const chunked = (rest: string, header = 'Transfer-Encoding: chunked') => post(header, rest)
  const length = (value: string) => post(`Content-Length: ${value}`, hidden)
  /** Refused, which ends the connection, unless other statuses are named. */
  const refused = (name: string, bytes: string, statuses = '400'): Shape => ({ name, bytes, statuses, staysOpen: false })
  /** Answered, with the hidden request as a part of the body. */
  const inBody = (name: string, bytes: string, statuses: string): Shape => ({ name, bytes, statuses, staysOpen: true })

  return [
    refused('Content-Length, then Transfer-Encoding', covered('Transfer-Encoding: chunked')),
    refused(
      'Transfer-Encoding, then Content-Length',
      post(`Transfer-Encoding: chunked\r\nContent-Length: ${ended.length}`, ended),
    ),
    refused(
      'Content-Length of 0, then Transfer-Encoding',
      post('Content-Length: 0\r\nTransfer-Encoding: chunked', `${size}\r\n${hidden}\r\n0\r\n\r\n`),
    ),
    ...[
      'Transfer-Encoding: xchunked',
      'Transfer-Encoding: Chunked',
      'Transfer-Encoding:chunked',
      'Transfer-Encoding: \tchunked',
      'Transfer-Encoding:\x0bchunked',
      'Transfer-Encoding: chunked\x0b',
      'Transfer-Encoding: "chunked"',
      "Transfer-Encoding: 'chunked'",
      'Transfer-Encoding: chunked, identity',
      'Transfer-Encoding: identity, chunked',
      'Transfer-Encoding: chunked, chunked',
      'Transfer-Encoding: gzip, chunked',
      'Transfer-Encoding: identity',
      'Transfer-Encoding: chunked;q=1',
      'Transfer-Encoding: ,chunked',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
      'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
      'Transfer-Encoding : chunked',
      'Transfer-Encoding\t: chunked',
      ' Transfer-Encoding: chunked',
      'X: y\r\n Transfer-Encoding: chunked',
      'X: y\rTransfer-Encoding: chunked',
      'X: y\nTransfer-Encoding: chunked',
      'Transfer-Encoding:\r\n chunked',
      'Transfer-Encoding: chunked\0',
      'Transfer\0-Encoding: chunked',
      'TRANSFER-ENCODING: chunked',
      'Transfer-Encoding: chunkeď',
    ].map(header => refused(`Content-Length and ${JSON.stringify(header)}`, covered(header))),
    inBody('Content-Length and a header that is called almost like the other', covered('Transfer_Encoding: chunked'), '401'),
    ...[
      'Transfer-Encoding: xchunked',
      'Transfer-Encoding: identity',
      'Transfer-Encoding: gzip',
      'Transfer-Encoding:',
      'Transfer-Encoding: chunked, gzip',
    ].map(header => refused(`${JSON.stringify(header)} alone`, chunked(ended, header))),
    refused('two lengths, the first of them 0', post(`Content-Length: 0\r\nContent-Length: ${hidden.length}`, hidden)),
    refused('two lengths, the second of them 0', post(`Content-Length: ${hidden.length}\r\nContent-Length: 0`, hidden)),
    refused('two lengths in one header', length(`0, ${hidden.length}`)),
    refused('two equal lengths in one header', length(`${hidden.length}, ${hidden.length}`)),
    refused('a length and its name with a space', post(`Content-Length : 0\r\nContent-Length: ${hidden.length}`, hidden)),
    ...['+0', '-0', '-1', '0x0', '0 0', '0e1', '0.0', 'zero', '', '0\0', '0\x0b', '０', '0;', '0_0'].map(value =>
      refused(`a length of ${JSON.stringify(value)}`, length(value)),
    ),
    refused('a length of 2^64', length('18446744073709551616')),
    refused('a length of 2^64 and those of the body', length(String(2n ** 64n + BigInt(hidden.length)))),
    refused('a length of 2^32 and those of the body', length(String(2 ** 32 + hidden.length)), '413'),
    ...['0x0', '+0', '-0', '0 0', ' 0', 'g', '', '0_0', '0\x0b', '0\0', '０', `-${size}`].map(text =>
      refused(`a chunk of size ${JSON.stringify(text)}`, chunked(`${text}\r\n\r\n${hidden}`)),
    ),
    refused('a chunk of size 2^64', chunked(`10000000000000000\r\n\r\n${hidden}`)),
    refused('a chunk of size 2^64, with zeros in front of it', chunked(`${'0'.repeat(40)}10000000000000000\r\n\r\n${hidden}`)),
    refused('a chunk whose size ends with LF', chunked(`0\n\n${hidden}`)),
    refused('a chunk whose size ends with CR', chunked(`0\r\r${hidden}`)),
    refused('a chunk with LF in its extension', chunked(`2;a=\nxx\r\n${size}\r\n0\r\n\r\n${hidden}`)),
    refused('a chunk without CR LF behind its data', chunked(`2\r\n{}0\r\n\r\n${hidden}`)),
    refused('a chunk that is longer than its size', chunked(`2\r\n{}{}\r\n0\r\n\r\n${hidden}`)),
    refused('a last chunk without its empty line', chunked(`0\r\n${hidden}`), '401 400'),
    refused('two other bytes in the place of the empty line', chunked(`0\r\nXX${hidden}`), '401 400'),
    refused('CR and another byte in the place of the empty line', chunked(`0\r\n\rX${hidden}`), '401 400'),
    refused('a trailer of two bytes', chunked(`0\r\na:\r\n\r\n${hidden}`), '401 400'),
    refused('a trailer in whose place another parser sees the request', chunked(`0\r\na:${hidden}`), '401 400'),
    refused('two other bytes in the place of the end of a chunk', chunked(`2\r\n{}XX0\r\n\r\n${hidden}`)),
    refused('a trailer that is a length', chunked(`0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`), '401 400'),
    refused(
      'a head whose lines end with LF',
      post(`Content-Length: ${hidden.length}`, '').replaceAll('\r\n', '\n') + hidden,
      '505',
    ),
    refused(
      'a head whose lines end with CR',
      post(`Content-Length: ${hidden.length}`, '').replaceAll('\r\n', '\r') + hidden,
      '505',
    ),
    refused('an empty line in the head that ends with LF', post(`X: y\n\nContent-Length: ${hidden.length}`, hidden)),
    refused('a folded header', post(`X: y\r\n z\r\nContent-Length: ${hidden.length}`, hidden)),
    refused('a folded length', post(`Content-Length:\r\n ${hidden.length}`, hidden)),
    refused('a NUL in a header', post(`X: y\0z\r\nContent-Length: ${hidden.length}`, hidden)),
    refused('a NUL in the name of a header', post(`X\0: y\r\nContent-Length: ${hidden.length}`, hidden)),
    refused('a header without a name', post(`: y\r\nContent-Length: ${hidden.length}`, hidden)),
    refused('a header without a colon', post(`Content-Length ${hidden.length}\r\nX: y`, hidden)),
    refused('a line of the head that is a request', `GET /up HTTP/1.1\r\nX: y\r\n${hidden}`),
    inBody(
      'a length and a body of GET',
      `GET /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '200',
    ),
    inBody(
      'a length and a body of HEAD',
      `HEAD /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '200',
    ),
    inBody(
      'a length and a body of OPTIONS',
      `OPTIONS /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '204',
    ),
    inBody(
      'a body in chunks of GET',
      `GET /up HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${hidden}\r\n0\r\n\r\n`,
      '200',
    ),
    inBody(
      'a body of a path that does not exist',
      `POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '404',
    ),
    inBody(
      'a body in chunks of a path that does not exist',
      `POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${hidden}\r\n0\r\n\r\n`,
      '404',
    ),
    inBody(
      'a body of a method that is not allowed',
      `PUT /app/${app.key} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '405',
    ),
    inBody('a body that is not signed', length(String(hidden.length)), '401'),
    inBody(
      'a body that is too large, with the request at its end',
      post(`Content-Length: ${12_000 + hidden.length}`, 'x'.repeat(12_000) + hidden),
      '413',
    ),
    refused(
      'a body that is far too large, with the request behind its beginning',
      post('Content-Length: 900000', 'x'.repeat(1000) + hidden),
      '413',
    ),
    inBody(
      'a body that is sent without waiting for 100 Continue',
      post(`Content-Length: ${hidden.length}\r\nExpect: 100-continue`, hidden),
      '100 401',
    ),
    inBody('an unknown expectation', post(`Content-Length: ${hidden.length}\r\nExpect: 200-ok`, hidden), '401'),
    refused('HTTP/1.0 with chunks', chunked(ended).replace('HTTP/1.1', 'HTTP/1.0')),
    refused('HTTP/1.0 with a length and chunks', covered('Transfer-Encoding: chunked').replace('HTTP/1.1', 'HTTP/1.0')),
    refused('HTTP/0.9', `GET /up\r\n${hidden}`, '505'),
    refused('HTTP/9.9', post(`Content-Length: ${hidden.length}`, hidden).replace('HTTP/1.1', 'HTTP/9.9'), '505'),
    refused('the preface of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`),
    refused(
      'a space in the target',
      `GET /up /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '505',
    ),
    inBody(
      'CR LF in the target',
      `GET /up%0d%0aContent-Length:%200 HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '404',
    ),
    inBody(
      'a target with a host, and a body',
      `POST http://localhost/nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      '404',
    ),
    refused(
      'a request after an answer that ends the connection',
      `GET /app/${app.key} HTTP/1.1\r\nHost: localhost\r\n\r\n${hidden}`,
      '426',
    ),
    refused(
      'a request after one that ends the connection',
      `GET /up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n${hidden}`,
      '200',
    ),
  ]
}
