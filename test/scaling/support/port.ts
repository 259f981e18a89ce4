/** Ports on which Redis listens, now and then. */
import { connect } from 'node:net'
import { listen } from '../../e2e/support/ports.ts'
import { until } from '../../e2e/support/until.ts'
import type { Address } from './redis.ts'

/**
 * A port that stays free while nobody listens there: outgoing connections get theirs from 32768 on. That of a cluster's bus,
 * 10,000 above, is such a one too.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    const { server } = await listen(port)
    await new Promise(resolve => server.close(resolve))
    return true
  } catch {
    return false
  }
}

/** Resolves once Redis answers there. */
export async function answers({ host, port }: Address): Promise<void> {
  await until(`Redis answers on port ${port}`, () => pong(host, port))
}

function pong(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 1000 })
    const end = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.on('connect', () => void socket.write('PING\r\n'))
    socket.on('data', data => end(data.toString().startsWith('+PONG')))
    for (const event of ['error', 'timeout', 'close']) socket.on(event, () => end(false))
  })
}
