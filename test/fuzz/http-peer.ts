/** An HTTP client made of bytes. Takes one answer for every request, in their order, or sees the connection go. */
import type { FuzzApp } from './apps.ts'
import type { Watch } from './watch.ts'
import { patienceMs, Wire } from './wire.ts'

export type Answer = { readonly status: number; readonly body: string }

export class HttpPeer {
  private constructor(
    private readonly wire: Wire,
    private readonly watch: Watch,
    private readonly who: string,
  ) {}

  /** @param app whose requests these are */
  static async open(port: number, app: FuzzApp, watch: Watch): Promise<HttpPeer> {
    const who = `a request of ${app.id}`
    return new HttpPeer(await Wire.open(port, watch.reader(app, who)), watch, who)
  }

  get gone(): boolean {
    return this.wire.closed
  }

  send(bytes: Buffer): void {
    this.watch.requests++
    this.watch.input(this.who, bytes)
    this.wire.write(bytes)
  }

  /** Undefined when the connection was closed instead, or when nothing has come in time. */
  async answer(method: string, withinMs = patienceMs): Promise<Answer | 'closed' | undefined> {
    let answer: Answer | undefined
    const done = await this.wire.until(() => {
      answer ??= this.parsed(method)
      return answer !== undefined || this.wire.closed
    }, withinMs)
    if (!done) return undefined
    if (answer !== undefined) this.watch.answered(answer.status)
    return answer ?? 'closed'
  }

  destroy(): void {
    this.wire.destroy()
  }

  /** Whole answers only; those that announce another are passed over. */
  private parsed(method: string): Answer | undefined {
    for (;;) {
      const { received } = this.wire
      const end = received.indexOf('\r\n\r\n') + 4
      if (end < 4) return undefined
      const head = received.subarray(0, end).toString('latin1')
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1])
      const bodiless = method === 'HEAD' || status === 204 || status === 304 || status < 200
      const length = bodiless ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      if (Number.isNaN(status)) this.watch.violation(`an answer is no HTTP: ${head.slice(0, 500)}`)
      if (received.length < end + length) return undefined
      const body = this.wire
        .shift(end + length)
        .subarray(end)
        .toString()
      if (status !== 100) return { status, body }
    }
  }
}
