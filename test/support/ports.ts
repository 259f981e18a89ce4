import { createServer, type Server } from 'node:net'
import { reserves } from 'revurb-bench/machine/port.ts'

/** Below the range from which the system takes the ports of outgoing connections: 32768 to 60999 on Linux. */
const [firstPort, portCount] = [10_000, 10_000]

/** Redis Cluster uses a second port at this distance: it is checked too, and is outside the range of first ports. */
const busDistance = portCount

/**
 * A port on which nothing listens, reserved while this process runs: this function and `test/php/Support/Port.php` hold the UDP
 * port of the same number.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if ((await reserves(port)) && (await isFree(port)) && (await isFree(port + busDistance))) return port
  }
}

/** Listens on a port; rejects if it is in use. */
export function listen(port: number): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '0.0.0.0', () => resolve({ port: (server.address() as { port: number }).port, server }))
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
