/** Whether those who are there are really there: one event reaches everybody, once. */

import type { Crowd } from '../load/crowd.ts'
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { type Faults, Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'

export async function everybodyHears({ at }: Server, crowd: Crowd, channel: string): Promise<Faults> {
  const tally = new Tally(1)
  crowd.listen(() => tally.ear())
  const writer = new RequestWriter(channel, 100)
  let sent = 0
  const next = () => (sent++ === 0 ? writer.write(0, 1) : undefined)
  using crier = new Publishers({ at, count: 1, audience: crowd.clients.length, tally, next })
  crier.go()
  return await crier.end()
}
