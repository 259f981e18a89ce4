import type { Demo } from '../../support/demo/demo.ts'
import { until } from '../../support/until.ts'

/** A WebSocket that is subscribed to one public channel. */
export class Subscriber {
  /** The close code, once it is closed. */
  closed: number | undefined

  #subscribed = false

  private constructor(demo: Demo, channel: string) {
    const socket = new WebSocket(`ws://127.0.0.1:${demo.reverbPort}/app/${demo.env.REVERB_APP_KEY}?protocol=7`)
    socket.onopen = () => socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel } }))
    socket.onmessage = ({ data }) => {
      this.#subscribed ||= JSON.parse(String(data)).event === 'pusher_internal:subscription_succeeded'
    }
    socket.onclose = ({ code }) => {
      this.closed = code
    }
  }

  static async of(demo: Demo, channel: string): Promise<Subscriber> {
    const subscriber = new Subscriber(demo, channel)
    await until(`a subscription to ${channel}`, () => subscriber.#subscribed)

    return subscriber
  }
}
