/** Stands between clients and a server, and meddles with what the server sends to the first WebSocket client. */
import { connect, createServer } from 'node:net'
import type { Address } from '../../load/client.ts'
import { FrameCutter } from '../../load/frames.ts'
import type { Server } from '../../targets/target.ts'

/** How often a frame is passed on, by how many came before. */
export type Meddle = (index: number) => number

/** The server, as it seems to those who connect by the relay. */
export async function relayed(server: Server, meddle: Meddle): Promise<Server> {
  let victims = 0
  const relay = createServer(inward => {
    const outward = connect(server.at[0]!)
    inward.once('data', request => {
      const isVictim = request.toString().startsWith('GET /app/') && victims++ === 0
      const meddler = meddling(bytes => inward.write(bytes), meddle)
      outward.write(request)
      inward.pipe(outward)
      if (isVictim) outward.on('data', meddler)
      else outward.pipe(inward)
    })
    for (const socket of [inward, outward]) socket.on('error', () => socket.destroy())
    inward.on('close', () => outward.destroy())
  })
  await new Promise<void>(resolve => void relay.listen(0, '127.0.0.1', resolve))
  const at: Address[] = [{ host: '127.0.0.1', port: (relay.address() as { port: number }).port }]
  return {
    at,
    pids: server.pids,
    async [Symbol.asyncDispose]() {
      relay.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The answer to the handshake passes; after it come short frames of up to 65,535 bytes. */
function meddling(write: (bytes: Buffer) => void, meddle: Meddle): (chunk: Buffer) => void {
  let isOpen = false
  let index = 0
  const cutter = new FrameCutter((bytes, start, length) => {
    const frame = bytes.subarray(start - (length < 126 ? 2 : 4), start + length)
    for (let i = meddle(index++); i > 0; i--) write(frame)
  })
  return chunk => {
    if (isOpen) return cutter.take(chunk)
    const end = chunk.indexOf('\r\n\r\n') + 4
    isOpen = true
    write(chunk.subarray(0, end))
    cutter.take(chunk.subarray(end))
  }
}
