import { describe, expect, test } from 'bun:test'
import { asksToClose, closingConnection, readRest } from '../../src/http/unread-body.ts'

/** A request whose body arrives in three parts, of which it counts those that were read. */
function slow(method = 'POST') {
  const read: number[] = []
  const body = new ReadableStream(
    {
      pull(controller) {
        read.push(read.length)
        if (read.length > 3) controller.close()
        else controller.enqueue(new Uint8Array(10))
      },
    },
    { highWaterMark: 0 },
  )
  return { request: new Request('http://host/', method === 'POST' ? { method, body } : { method }), read }
}

test.each([
  ['close', true],
  ['Close', true],
  ['keep-alive', false],
  [undefined, false],
])('a client that sends Connection: %p asks for its connection to be closed: %p', (connection, expected) => {
  const headers = connection === undefined ? {} : { connection }
  expect(asksToClose(new Request('http://host/', { headers }))).toBe(expected)
})

describe('the rest of a body', () => {
  test('is read to its end', async () => {
    const { request, read } = slow()
    await readRest(request)
    expect(read).toHaveLength(4)
    expect(request.bodyUsed).toBe(true)
  })

  test.each([
    ['a GET', new Request('http://host/')],
    ['a POST without a body', new Request('http://host/', { method: 'POST' })],
  ])('of %s is nothing', async (_, request) => {
    await readRest(request)
    expect(request.bodyUsed).toBe(false)
  })

  test('that was read before is not read again', async () => {
    const { request } = slow()
    await request.text()
    await readRest(request)
    expect(request.bodyUsed).toBe(true)
  })

  test('may be cut short, as the connection ends in either case', async () => {
    const body = new ReadableStream({ pull: controller => controller.error(new Error('cut')) })
    await readRest(new Request('http://host/', { method: 'POST', body }))
  })
})

test('the last response of a connection has Connection: close, once the body has been read', async () => {
  const { request, read } = slow()
  const response = await closingConnection(request, new Response('text', { status: 401 }))
  expect([response.status, response.headers.get('connection'), await response.text()]).toEqual([401, 'close', 'text'])
  expect(read).toHaveLength(4)
})
