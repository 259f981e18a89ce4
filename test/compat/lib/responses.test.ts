import { expect, test } from 'bun:test'
import { readResponse } from './responses.ts'

const answer = (head: string, body = '') => Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`)

test('a response with a Content-Length ends after its body', () => {
  const read = readResponse(answer('Content-Length: 2\r\n', '{}more'), false)!
  expect(read).toMatchObject({ response: { status: 200, complete: true }, rest: Buffer.from('more') })
  expect(read.response.body.toString()).toBe('{}')
  expect(readResponse(answer('Content-Length: 3\r\n', '{}'), false)!.response.complete).toBe(false)
})

test('a response without a length ends with the connection', () => {
  expect(readResponse(answer('X-A: 1\r\n', '{}'), false)!.response.complete).toBe(false)
  expect(readResponse(answer('X-A: 1\r\n', '{}'), true)!.response.complete).toBe(true)
})

test('a response to HEAD is complete without a body; a body that is sent all the same is read with it', () => {
  expect(readResponse(answer('Content-Length: 2\r\n'), false, true)!.response).toMatchObject({ body: Buffer.alloc(0), complete: true })
  expect(readResponse(answer('Content-Length: 2\r\n', '{}'), false, true)!.response.body.toString()).toBe('{}')
  expect(readResponse(answer('X-A: 1\r\n', '{}'), false, true)!.response).toMatchObject({ body: Buffer.from('{}'), complete: true })
})
