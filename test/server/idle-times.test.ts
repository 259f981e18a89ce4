/** How long a connection may take for its request. The times are the server’s own, so that this test takes real seconds. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { connect as connectTls } from 'node:tls'
import { Certificate } from '../support/certificate.ts'
import { TestServer } from '../support/server.ts'
import { signedQuery } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'

setDefaultTimeout(180_000)

const head = 'Host: localhost\r\n'
const body = '{"name":"e","channel":"news","data":"d"}'

test('a connection without a complete request is closed after ten seconds, whatever it sends; one with a signed request is not', async () => {
  using certificate = new Certificate()
  const { certFile, keyFile } = certificate
  await using server = new TestServer()
  await using secure = new TestServer({ tls: { certFile, keyFile, caFile: null, passphrase: null, verifyClients: false } })
  const startedAtMs = performance.now()
  const timers: Timer[] = []
  /** Writes a text, and then a byte from time to time. */
  const opened = async (port: number, text: string | Uint8Array, isSlow = false) => {
    const connection = await Connection.open(port)
    connection.write(text)
    if (isSlow) timers.push(setInterval(() => connection.write('a'), 500))
    return connection
  }
  const query = signedQuery(server.app, { method: 'POST', path: '/apps/1001/events', body })
  const signed = await opened(
    server.port,
    `POST /apps/1001/events?${query} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
  )
  expect(await signed.response()).toMatchObject({ status: 200 })

  const [firstHalf, secondHalf] = [body.slice(0, 20), body.slice(20)]
  const slow = await opened(
    server.port,
    `POST /apps/1001/events?${query} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${firstHalf}`,
  )
  const handshaken = connectTls({ host: '127.0.0.1', port: secure.port, rejectUnauthorized: false })
  handshaken.on('error', () => {})
  const closedTls = new Promise(resolve => handshaken.once('close', resolve))
  const connections = await Promise.all([
    opened(server.port, ''),
    opened(server.port, `GET /up HTTP/1.1\r\n${head}`),
    opened(server.port, `GET /up HTTP/1.1\r\n${head}X-Slow: `, true),
    opened(server.port, `POST /apps/1001/events HTTP/1.1\r\n${head}Content-Length: 9000\r\n\r\n`, true),
    opened(server.port, `GET /up HTTP/1.1\r\n${head}\r\n`),
    opened(secure.port, ''),
    opened(secure.port, Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0)),
  ])
  await Promise.all([closedTls, ...connections.map(({ ended }) => ended)])
  for (const timer of timers) clearInterval(timer)
  const seconds = (performance.now() - startedAtMs) / 1000
  expect(seconds).toBeGreaterThan(8)
  expect(seconds).toBeLessThan(25)

  slow.write(secondHalf)
  expect(await slow.response()).toMatchObject({ status: 200 })
  slow.destroy()
  signed.write(`GET /up HTTP/1.1\r\n${head}\r\n`)
  expect(await signed.response()).toMatchObject({ status: 200, body: '{"health":"OK"}' })
  signed.destroy()
})
