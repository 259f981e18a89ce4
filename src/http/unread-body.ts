/**
 * The bodies of requests that are answered without them. On a connection that stays open, Bun discards such a body as it arrives. Where
 * the connection is closed after the answer, the kernel resets it if bytes of the body are unread, and a client that is still writing, as
 * nginx does, loses the answer. So the body is read first, up to the `maxRequestBodySize` of Bun's server.
 */

/** Whether the client asks for the connection to be closed after the answer. */
export function asksToClose(request: Request): boolean {
  return request.headers.get('connection')?.toLowerCase() === 'close'
}

/** Reads the rest of a body, and discards it. */
export async function readRest(request: Request): Promise<void> {
  if (request.method !== 'POST' || request.bodyUsed || request.body === null) return
  try {
    for await (const _ of request.body);
  } catch {
    // The client has disconnected, or the body is larger than Bun reads: in either case the connection ends.
  }
}

/** Makes a response the last one of its connection. */
export async function closingConnection(request: Request, response: Response): Promise<Response> {
  await readRest(request)
  response.headers.set('Connection', 'close')
  return response
}
