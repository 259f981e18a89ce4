import { expect, test } from 'bun:test'
import { ResponseSplitter } from './responses.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"health":"OK"}'
const refused = 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\nConnection: close\r\n\r\n\r\n\r\n'
const empty = 'HTTP/1.1 204 No Content\r\n\r\n'

function statuses(chunks: readonly string[]): string[] {
  const found: string[] = []
  const splitter = new ResponseSplitter(status => found.push(status))
  for (const chunk of chunks) splitter.take(Buffer.from(chunk))
  return found
}

test('pipelined responses are counted by status, with and without a body', () => {
  expect(statuses([ok + refused + empty + ok])).toEqual(['200', '401', '204', '200'])
})

test('responses are counted correctly wherever the chunks are split', () => {
  const all = ok + refused + empty
  for (let at = 1; at < all.length; at++) expect(statuses([all.slice(0, at), all.slice(at)])).toEqual(['200', '401', '204'])
  expect(statuses([...all])).toEqual(['200', '401', '204'])
})

test('an incomplete response is not counted', () => {
  expect(statuses([ok + ok.slice(0, -1)])).toEqual(['200'])
})
