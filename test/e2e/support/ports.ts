import { createServer, type Server } from 'node:net'

/** A port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const { port, server } = await listen(0)
  server.close()

  return port
}

/** Takes a port; rejects if somebody has it. */
export function listen(port: number): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '0.0.0.0', () => resolve({ port: (server.address() as { port: number }).port, server }))
  })
}
