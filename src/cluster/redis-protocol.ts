/**
 * Ends a connection on which something else than Redis's protocol comes. The parser of ioredis throws then, out of reach of whoever uses
 * the client, and the connection stays, with a parser that is in the midst of something.
 */

type Reader = (data: Uint8Array) => void

type Stream = {
  listeners(event: 'data'): unknown[]
  on(event: 'data', listener: Reader): unknown
  off(event: 'data', listener: Reader): unknown
  destroy(error: Error): unknown
}

type Connects = {
  readonly stream: Stream
  on(event: 'connect', listener: () => void): unknown
}

/** @param client of one server; where it connects anew, that connection too */
export function endAtNonsense(client: object): void {
  const connects = client as Connects
  connects.on('connect', () => guard(connects.stream))
}

/** Once it is connected, the parser listens. */
function guard(stream: Stream): void {
  for (const parse of stream.listeners('data') as Reader[]) {
    stream.off('data', parse)
    stream.on('data', data => {
      try {
        parse(data)
      } catch (error) {
        stream.destroy(new Error(`it does not answer as Redis does: ${(error as Error).message}`))
      }
    })
  }
}
