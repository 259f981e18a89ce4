/** Requests that a proxy may end in another place than the server: no part of them is handled as a second request. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { testApp } from '../support/apps.ts'
import type { Client } from '../support/client.ts'
import { TestServer } from '../support/server.ts'
import { publishTo, shapes } from '../support/smuggling.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'

let server: TestServer
let witness: Client

beforeAll(async () => {
  server = new TestServer()
  witness = await server.connect()
  await witness.subscribe('smuggled')
})

afterAll(async () => {
  expect(server.unexpected).toEqual([])
  await server[Symbol.asyncDispose]()
})

/** The statuses of all answers on a connection. None of their bodies has such a line. */
function statusesIn(text: string): string {
  return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status).join(' ')
}

async function answers(
  bytes: string,
  statuses: string,
): Promise<{ connection: Connection; text: () => string; hasEnded: () => boolean }> {
  const connection = await Connection.open(server.port)
  let text = ''
  let hasEnded = false
  connection.socket.on('data', chunk => {
    text += chunk
  })
  void connection.ended.then(() => {
    hasEnded = true
  })
  connection.write(bytes)
  await until(`the answers are ${statuses}`, () => statusesIn(text) === statuses || hasEnded)
  expect(statusesIn(text)).toBe(statuses)
  return { connection, text: () => text, hasEnded: () => hasEnded }
}

test('the request that is hidden in a body would be accepted on its own', async () => {
  const publish = publishTo(testApp(), 'smuggled')
  const { connection } = await answers(publish + publish, '200 200')
  expect(await witness.next()).toMatchObject({ event: 'e', channel: 'smuggled' })
  expect(await witness.next()).toMatchObject({ event: 'e', channel: 'smuggled' })
  connection.destroy()
})

describe('no hidden request is published by', () => {
  test.each(shapes(testApp()).map(shape => [shape.name, shape] as const))('%s', async (_, { bytes, statuses, staysOpen }) => {
    const { connection, text, hasEnded } = await answers(bytes, statuses)
    if (staysOpen) {
      connection.write('GET /nowhere/else HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      await connection.ended
      expect(statusesIn(text())).toBe(`${statuses} 404`)
    } else {
      await until('the connection ends', hasEnded)
      expect(statusesIn(text())).toBe(statuses)
    }
    await witness.nothingMore()
    connection.destroy()
  })

  test('a chunk of 2^32 bytes, of which some come', async () => {
    const answered = server.answers.length
    const connection = await Connection.open(server.port)
    connection.write(`POST /apps/1001/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n100000000\r\n\r\n`)
    connection.write(publishTo(testApp(), 'smuggled'))
    await witness.nothingMore()
    connection.destroy()
    await connection.ended
    await until('its end is noticed', () => server.answers.length > answered)
    expect(server.answers.slice(answered)).toEqual(['POST /apps/1001/events 400'])
    await witness.nothingMore()
  })
})
