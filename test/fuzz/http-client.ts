/** An HTTP client on raw TCP. It receives one response per request, in order, or sees the connection closed. */
import type { FuzzApp } from './apps.ts'
import type { Invariants } from './invariants.ts'
import { timeoutMs, Wire } from './wire.ts'

export type Answer = { readonly status: number; readonly body: string }

export class HttpClient {
  private constructor(
    private readonly wire: Wire,
    private readonly invariants: Invariants,
    private readonly source: string,
  ) {}

  /** @param app in whose name the requests are sent */
  static async open(port: number, app: FuzzApp, invariants: Invariants): Promise<HttpClient> {
    const source = `a request of ${app.id}`
    return new HttpClient(await Wire.open(port, invariants.leakDetector(app, source)), invariants, source)
  }

  get gone(): boolean {
    return this.wire.closed
  }

  send(bytes: Buffer): void {
    this.invariants.requests++
    this.invariants.input(this.source, bytes)
    this.wire.write(bytes)
  }

  /** The next response. Undefined when the connection was closed instead, or none arrived in time. */
  async answer(method: string, withinMs = timeoutMs): Promise<Answer | 'closed' | undefined> {
    let answer: Answer | undefined
    const done = await this.wire.until(() => {
      answer ??= this.parsed(method)
      return answer !== undefined || this.wire.closed
    }, withinMs)
    if (!done) return undefined
    if (answer !== undefined) this.invariants.answered(answer.status)
    return answer ?? 'closed'
  }

  destroy(): void {
    this.wire.destroy()
  }

  /** A complete response; interim ones (1xx) are skipped. */
  private parsed(method: string): Answer | undefined {
    for (;;) {
      const { received } = this.wire
      const end = received.indexOf('\r\n\r\n') + 4
      if (end < 4) return undefined
      const head = received.subarray(0, end).toString('latin1')
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1])
      const bodiless = method === 'HEAD' || status === 204 || status === 304 || status < 200
      const length = bodiless ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      if (Number.isNaN(status)) this.invariants.violation(`an answer is no HTTP: ${head.slice(0, 500)}`)
      if (received.length < end + length) return undefined
      const body = this.wire
        .shift(end + length)
        .subarray(end)
        .toString()
      if (status !== 100) return { status, body }
    }
  }
}
