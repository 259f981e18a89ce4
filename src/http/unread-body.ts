/**
 * Bodies of requests that are answered without them. On a connection that stays Bun drops what comes of such a body. Where the
 * connection ends behind the answer, the kernel resets it if bytes of the body are unread, and a sender that is still writing, as nginx
 * is, loses the answer: such a body is read first, up to the `maxRequestBodySize` of Bun's server.
 */

/** Whether the client has Bun close the connection behind the answer. */
export function endsConnection(request: Request): boolean {
  return request.headers.get('connection')?.toLowerCase() === 'close'
}

/** Reads what is left of the body, if anything. */
export async function readRest(request: Request): Promise<void> {
  if (request.method !== 'POST' || request.bodyUsed) return
  await request.text().catch(() => {
    // It was cut short, or is larger than Bun reads: in either case nobody waits for the answer.
  })
}

/** The answer as the last one of its connection. */
export async function asLast(request: Request, response: Response): Promise<Response> {
  await readRest(request)
  response.headers.set('Connection', 'close')
  return response
}
