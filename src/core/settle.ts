/** What had to wait is carried out when its time has come. Called every 100 ms, as members wait for it; costs what it finds. */
import type { Effect } from './effect.ts'
import { settleMembers } from './presence.ts'
import { settleUsers } from './signin.ts'
import type { State } from './state.ts'
import { subscribeLate } from './subscribe.ts'

/** Announces joins and leaves that were held, and lets those in whose subscriptions had to wait. */
export function settle(state: State, nowMs: number): Effect[] {
  const effects: Effect[] = []
  settleMembers(state, nowMs, effects)
  settleUsers(state, nowMs, effects)
  subscribeLate(state, nowMs, effects)
  state.resubscriptions.expire(nowMs)
  return effects
}
