/** A hub's presence channel: sockets that subscribe to it, and what they are sent. */
import type { Effect } from '../../src/core/effect.ts'
import type { Hub } from '../../src/core/hub.ts'
import { testApp } from './apps.ts'
import { signedSubscribing, unsubscribing } from './core.ts'

export const app = testApp()
export const channel = 'presence-x'

/** The ids of the members that each `subscription_succeeded` lists, behind the socket that is sent it. */
export const lists = (effects: readonly Effect[]) =>
  effects.flatMap(effect => {
    if (effect.type !== 'send' || !effect.frame.includes('subscription_succeeded')) return []
    return [`${effect.socketId} ${JSON.stringify(JSON.parse(JSON.parse(effect.frame).data).presence?.ids)}`]
  })

/** Subscribes a socket to the presence channel as a user. */
export const join = (hub: Hub, socketId: string, userId: string, nowMs: number, info?: number | string) =>
  hub.message(socketId, signedSubscribing(app, socketId, channel, JSON.stringify({ user_id: userId, user_info: info })), nowMs)

export const leave = (hub: Hub, socketId: string, nowMs: number) => hub.message(socketId, unsubscribing(channel), nowMs)
