import { createHmac } from 'node:crypto'
import type { Demo } from './demo.ts'
import { until } from './until.ts'

interface Frame {
  event: string
  data: unknown
  channel?: string
}

/** A WebSocket that is subscribed to one channel and keeps what it hears. */
export class Subscriber {
  socketId = ''

  /** The events of the channel, oldest first. */
  readonly heard: { event: string; data: unknown }[] = []

  /** The close code, once it is closed. */
  closed: number | undefined

  #socket: WebSocket
  #subscribed = false

  private constructor(
    readonly demo: Demo,
    readonly channel: string,
    readonly userId?: string,
  ) {
    this.#socket = new WebSocket(`ws://127.0.0.1:${demo.reverbPort}/app/${demo.env.REVERB_APP_KEY}?protocol=7`)
    this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)))
    this.#socket.onclose = ({ code }) => {
      this.closed = code
    }
  }

  /** With a user id, a member of a presence channel. */
  static async of(demo: Demo, channel: string, userId?: string): Promise<Subscriber> {
    const subscriber = new Subscriber(demo, channel, userId)
    await until(`a subscription to ${channel}`, () => subscriber.#subscribed)

    return subscriber
  }

  close(): void {
    this.#socket.close()
  }

  #hear(frame: Frame): void {
    if (frame.event === 'pusher:connection_established') {
      this.socketId = JSON.parse(String(frame.data)).socket_id
      this.#socket.send(JSON.stringify({ event: 'pusher:subscribe', data: this.#subscription() }))
    } else if (frame.event === 'pusher_internal:subscription_succeeded') {
      this.#subscribed = true
    } else if (frame.channel === this.channel && !frame.event.startsWith('pusher')) {
      this.heard.push({ event: frame.event, data: frame.data })
    }
  }

  #subscription(): object {
    const { channel } = this
    if (this.userId === undefined) return { channel }

    const channelData = JSON.stringify({ user_id: this.userId, user_info: {} })
    const signature = createHmac('sha256', this.demo.env.REVERB_APP_SECRET!)
      .update(`${this.socketId}:${channel}:${channelData}`)
      .digest('hex')

    return { channel, channel_data: channelData, auth: `${this.demo.env.REVERB_APP_KEY}:${signature}` }
  }
}
