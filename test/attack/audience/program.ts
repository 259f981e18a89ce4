/** The process of the members of a presence channel, who stay while the attacker joins and leaves. */
import type { Address } from 'revurb-bench/load/client.ts'
import { ClientPool } from 'revurb-bench/load/client-pool.ts'
import { handleOrders, settings } from '../child.ts'
import { presenceChannel } from '../floods.ts'
import { Witness } from './witness.ts'

export type AudienceSettings = { readonly at: Address; readonly members: number }

export type AudienceReport = {
  /** Received by all members together since they joined. */
  readonly bytes: number
  readonly faults: number
  readonly members: number
  /** How many members have the user who joins and leaves on their lists. */
  readonly outdatedMembers: number
}

const { at, members } = settings<AudienceSettings>()
const witnesses: Witness[] = []
let joining: Promise<void> | undefined

handleOrders<object, AudienceReport>(async () => {
  joining ??= join()
  await joining
  const sum = (of: (witness: Witness) => number) => witnesses.reduce((sum, witness) => sum + of(witness), 0)
  return {
    members,
    bytes: sum(({ bytes }) => bytes),
    faults: sum(({ faults }) => faults),
    outdatedMembers: sum(({ isPresent }) => Number(isPresent)),
  }
})

async function join(): Promise<void> {
  await ClientPool.subscribed({
    size: members,
    at: [at],
    channels: () => [presenceChannel],
    member: index => `member-${index}`,
    onFrame: () => {
      const witness = new Witness()
      witnesses.push(witness)
      return (bytes, start, length) => witness.take(bytes, start, length)
    },
  })
}
