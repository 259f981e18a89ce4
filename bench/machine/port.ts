/** Ports for the servers under test. */
import { createSocket } from 'node:dgram'

/** Below the ports that Linux gives to outgoing connections (32768 to 60999; 24000 and up in `isolation.ts`). */
const firstPort = 10_000
const portCount = 10_000

/** A TCP port on which nothing listens, and that no other process reserves in the same way while this one runs. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if ((await reserves(port)) && isFree(port)) return port
  }
}

/** Holds the UDP port of that number until this process ends; false where a process holds it. */
export function reserves(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => {
      socket.unref()
      resolve(true)
    })
  })
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: '0.0.0.0', port, exclusive: true, socket: { data() {} } }).stop()
    return true
  } catch {
    return false
  }
}
