import { expect, test } from 'bun:test'
import { freePort } from '../../machine/port.ts'

test('a free port accepts a server, and is below the ports of outgoing connections', async () => {
  const port = await freePort()
  expect(port).toBeWithin(10_000, 20_000)
  const listener = Bun.listen({ hostname: '0.0.0.0', port, socket: { data() {} } })
  expect(listener.port).toBe(port)
  listener.stop()
})

test('the same port is not returned twice', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort))
  expect(new Set(ports).size).toBe(50)
})
