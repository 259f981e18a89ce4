import { expect, test } from 'bun:test'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { SlowLink } from './slow-link.ts'

const bytes = 20_000

/** How long it takes until that many bytes have been echoed. */
async function echoMs(socket: Socket): Promise<number> {
  const beganMs = performance.now()
  let received = 0
  const whole = new Promise<void>(resolve =>
    socket.on('data', chunk => {
      received += chunk.length
      if (received === bytes) resolve()
    }),
  )
  socket.write(Buffer.alloc(bytes))
  await whole
  return performance.now() - beganMs
}

test('a slow link forwards all bytes in both directions, and not faster than its limit', async () => {
  const echo = createServer(socket => socket.pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  await using link = await SlowLink.to({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port })
  const socket = connect(link.address)
  await echoMs(socket)
  socket.removeAllListeners('data')
  link.bytesPerSecond = 200_000
  // 0.1 s there and, at the same time but for the first piece, back. A timer may end a millisecond early.
  expect(await echoMs(socket)).toBeGreaterThan(95)
  socket.destroy()
  echo.close()
})
