/** Signed requests to publish an event, built with as little work as possible. */
import { CryptoHasher, MD5 } from 'bun'
import { app } from './app.ts'
import { mark } from './mark.ts'

const path = `/apps/${app.id}/events`

/** Events of one size on one channel. Servers accept a timestamp for ten minutes, so every round makes its own writer. */
export class RequestWriter {
  private readonly hmac = new CryptoHasher('sha256', app.secret)
  private readonly bodyStart: string
  private readonly bodyEnd: string
  private readonly query = `auth_key=${app.key}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0&body_md5=`

  constructor(channel: string, bytes: number) {
    this.bodyStart = `{"name":"event","channel":"${channel}","data":"`
    this.bodyEnd = `${'x'.repeat(bytes - mark(0, 0).length)}"}`
  }

  /** The query has its parameters in the order in which they are signed. */
  write(stream: number, number: number): string {
    const body = this.bodyStart + mark(stream, number) + this.bodyEnd
    const query = this.query + MD5.hash(body, 'hex')
    const signature = this.hmac.copy().update(`POST\n${path}\n${query}`).digest('hex')
    return `POST ${path}?${query}&auth_signature=${signature} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
}
