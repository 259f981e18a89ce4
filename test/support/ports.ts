import { createSocket } from 'node:dgram'
import { createServer, type Server } from 'node:net'

/** Below the range from which the system takes the ports of outgoing connections: 32768 to 60999 on Linux. */
const [firstPort, portCount] = [10_000, 10_000]

/** Redis Cluster talks on a second port, so far above the first: that one is free as well, and never a first one. */
const busDistance = portCount

/**
 * A port on which nothing listens, and that no other test is given while this process runs: it is reserved for all processes
 * that ask here, or in `test/php/Support/Port.php`, by holding the UDP port of the same number.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if ((await isReserved(port)) && (await isFree(port)) && (await isFree(port + busDistance))) return port
  }
}

/** Takes a port; rejects if somebody has it. */
export function listen(port: number): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '0.0.0.0', () => resolve({ port: (server.address() as { port: number }).port, server }))
  })
}

/** Holds the UDP port as long as this process runs; false if another process holds it, or this one does already. */
function isReserved(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => {
      socket.unref()
      resolve(true)
    })
  })
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
