/** A hub driven by hand, and short ways to write down what clients send. */
import type { App } from '../../src/core/app.ts'
import { appsOf } from '../../src/core/app.ts'
import type { Effect, Refused } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from './apps.ts'
import { channelAuth, userAuth } from './sign.ts'

/** What is refused is set aside, so that the effects are those that a client notices. */
export class AnsweringHub extends Hub {
  readonly refused: Refused[] = []

  override open(...args: Parameters<Hub['open']>): Effect[] {
    return this.answers(super.open(...args))
  }

  override message(...args: Parameters<Hub['message']>): Effect[] {
    return this.answers(super.message(...args))
  }

  private answers(effects: Effect[]): Effect[] {
    return effects.filter(effect => {
      if (effect.type === 'refused') this.refused.push(effect)
      return effect.type !== 'refused'
    })
  }
}

/** A hub of one app, with sockets of these ids open since time 0. */
export function hubWith(app: App = testApp(), ...socketIds: string[]): AnsweringHub {
  const hub = new AnsweringHub(appsOf([app]))
  for (const socketId of socketIds) hub.open(socketId, app.key, null, 0)
  return hub
}

export function subscribing(data: { channel: string; auth?: string; channel_data?: unknown }): string {
  return JSON.stringify({ event: 'pusher:subscribe', data })
}

/** A subscription with a signature when the channel's name asks for one. */
export function signedSubscribing(app: App, socketId: string, channel: string, channelData?: string): string {
  const auth = channelAuth(app, socketId, channel, channelData)
  return subscribing(channelData === undefined ? { channel, auth } : { channel, auth, channel_data: channelData })
}

/** A sign-in with its signature. */
export function signingIn(app: App, socketId: string, userData: string): string {
  return JSON.stringify({ event: 'pusher:signin', data: { auth: userAuth(app, socketId, userData), user_data: userData } })
}

/** Subscribes and throws the effects away. */
export function put(hub: Hub, app: App, socketId: string, channel: string, channelData?: string): void {
  hub.message(socketId, signedSubscribing(app, socketId, channel, channelData), 0)
}

export function unsubscribing(channel: string): string {
  return JSON.stringify({ event: 'pusher:unsubscribe', data: { channel } })
}

/** The effects that clients notice. */
export function visible(effects: readonly Effect[]): Effect[] {
  return effects.filter(effect => effect.type !== 'notify')
}

export function send(socketId: string, frame: string): Effect {
  return { type: 'send', socketId, frame }
}

/** Sends a `pusher:error`. */
export function error(socketId: string, code: number, message: string): Effect {
  return send(socketId, JSON.stringify({ event: 'pusher:error', data: JSON.stringify({ code, message }) }))
}

export function close(socketId: string, code: number, reason: string): Effect {
  return { type: 'close', socketId, close: { code, reason } }
}
