/** The attacker's process. */
import type { Address } from 'revurb-bench/load/client.ts'
import { handleOrders, settings } from '../child.ts'
import { floods } from '../floods.ts'
import { send } from './connections.ts'
import type { Outcome } from './outcome.ts'

export type AttackerSettings = { readonly floodId: string; readonly at: Address }
export type AttackOrder = { readonly seconds: number }

const { floodId, at } = settings<AttackerSettings>()
const flood = floods.find(({ id }) => id === floodId)!

handleOrders<AttackOrder, Outcome>(order => send(flood, at, order))
