/** Dispatches what a client sends: one function for each type of message. */
import * as frames from '../protocol/frames.ts'
import { parseMessage } from '../protocol/message.ts'
import { clientEvent } from './client-event.ts'
import type { Effect } from './effect.ts'
import { rejectMessage } from './error-effects.ts'
import { signIn } from './signin.ts'
import type { Socket } from './socket.ts'
import type { State } from './state.ts'
import { subscribe, unsubscribe } from './subscribe.ts'

/** Handles a text message. One that is malformed, not authorized or over a limit is answered with its error. */
export function dispatch(state: State, socket: Socket, text: string, nowMs: number, effects: Effect[]): void {
  try {
    const message = parseMessage(text)
    switch (message.type) {
      case 'ping':
        effects.push({ type: 'send', socketId: socket.id, frame: frames.pong })
        break
      case 'subscribe':
        subscribe(state, socket, message, nowMs, effects)
        break
      case 'unsubscribe':
        unsubscribe(state, socket, message.channel, nowMs, effects)
        break
      case 'client-event':
        clientEvent(socket, message, nowMs, effects)
        break
      case 'signin':
        signIn(state, socket, message, effects)
        break
    }
  } catch (error) {
    rejectMessage(socket, error, effects)
  }
}
