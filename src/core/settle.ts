/** Carries out what was deferred. Called every 100 ms, as clients wait for it; takes time in proportion to what is due. */
import type { Effect } from './effect.ts'
import { settleMembers } from './presence.ts'
import { areResyncsOver, continueResync } from './resyncs.ts'
import { settleUsers } from './signin.ts'
import type { State } from './state.ts'
import { subscribeLate, unsubscribeEnded } from './subscribe.ts'

/** Announces the joins and leaves that were held, and completes the subscriptions that were delayed. */
export function settle(state: State, nowMs: number): Effect[] {
  const effects: Effect[] = []
  settleMembers(state, nowMs, effects)
  settleUsers(state, nowMs, effects)
  subscribeLate(state, nowMs, effects)
  state.resubscriptions.expire(nowMs)
  return effects
}

/**
 * Takes sockets that have ended off the channels that they were on, then ends what is over on other nodes: one turn of it, as it can be
 * much. Called until it is over.
 */
export function depart(state: State, nowMs: number): { effects: Effect[]; isOver: boolean } {
  const effects: Effect[] = []
  if (state.departures.areOver) {
    continueResync(state, nowMs, effects)
    return { effects, isOver: areResyncsOver(state) }
  }
  unsubscribeEnded(state, nowMs, effects)
  return { effects, isOver: state.departures.areOver && areResyncsOver(state) }
}
