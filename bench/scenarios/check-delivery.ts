/** Whether all clients really are subscribed: one event reaches each of them once. */
import type { ClientPool } from '../load/client-pool.ts'
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { type Faults, Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'

export async function checkDelivery({ at }: Server, pool: ClientPool, channel: string): Promise<Faults> {
  const tally = new Tally(1)
  pool.listen(() => tally.receiver())
  const writer = new RequestWriter(channel, 100)
  let sent = 0
  const next = () => (sent++ === 0 ? writer.write(0, 1) : undefined)
  using publishers = new Publishers({ at, count: 1, audience: pool.clients.length, tally, next })
  publishers.start()
  return await publishers.finish()
}
