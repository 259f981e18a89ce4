/** A relay between clients and a server, which drops or duplicates frames to the first WebSocket client. */
import { connect, createServer } from 'node:net'
import type { Address } from '../../load/client.ts'
import { FrameSplitter } from '../../load/frames.ts'
import type { Server } from '../../targets/target.ts'

/** How often a frame is forwarded, by its index. */
export type Copies = (index: number) => number

/** The server behind a relay. */
export async function relayed(server: Server, copies: Copies): Promise<Server> {
  let webSockets = 0
  const relay = createServer(inward => {
    const outward = connect(server.at[0]!)
    inward.once('data', request => {
      const isAffected = request.toString().startsWith('GET /app/') && webSockets++ === 0
      const forward = forwarding(bytes => inward.write(bytes), copies)
      outward.write(request)
      inward.pipe(outward)
      if (isAffected) outward.on('data', forward)
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

/** The response of the handshake is forwarded unchanged. The frames after it have at most 65,535 bytes. */
function forwarding(write: (bytes: Buffer) => void, copies: Copies): (chunk: Buffer) => void {
  let isOpen = false
  let index = 0
  const splitter = new FrameSplitter((bytes, start, length) => {
    const frame = bytes.subarray(start - (length < 126 ? 2 : 4), start + length)
    for (let i = copies(index++); i > 0; i--) write(frame)
  })
  return chunk => {
    if (isOpen) return splitter.push(chunk)
    const end = chunk.indexOf('\r\n\r\n') + 4
    isOpen = true
    write(chunk.subarray(0, end))
    splitter.push(chunk.subarray(end))
  }
}
