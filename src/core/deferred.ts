/** Work that was deferred: called by timers, it takes time in proportion to what is due. */
import type { Effect } from './effect.ts'
import { broadcastDeferredChanges } from './presence.ts'
import { areResyncsDone, continueResync } from './resyncs.ts'
import { notifyDeferredSignOuts } from './signin.ts'
import type { State } from './state.ts'
import { continueUnsubscribing, subscribeDelayed } from './subscribe.ts'

/** Announces the joins and leaves that were deferred, and completes the subscriptions that were delayed. Called every 100 ms. */
export function runDeferred(state: State, nowMs: number): Effect[] {
  const effects: Effect[] = []
  broadcastDeferredChanges(state, nowMs, effects)
  notifyDeferredSignOuts(state, nowMs, effects)
  subscribeDelayed(state, nowMs, effects)
  state.resubscriptions.expire(nowMs)
  return effects
}

/**
 * Does one turn of what can take long: unsubscribes the sockets that have disconnected, then deletes what other nodes no longer have. To
 * be called until it is done.
 */
export function continueCleanup(state: State, nowMs: number): { effects: Effect[]; isDone: boolean } {
  const effects: Effect[] = []
  if (state.pendingUnsubscribes.isEmpty) continueResync(state, nowMs, effects)
  else continueUnsubscribing(state, nowMs, effects)
  return { effects, isDone: state.pendingUnsubscribes.isEmpty && areResyncsDone(state) }
}
