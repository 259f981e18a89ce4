/** What a client costs that does nothing. */
import { Crowd } from '../load/crowd.ts'
import { rssBytes } from '../machine/process.ts'
import { everybodyHears } from './everybody-hears.ts'
import { type OneByOne, type Scenario, withServer } from './scenario.ts'

const channel = 'news'
/** What starting has left behind has been given back by then. */
const startedMs = 500
/** Collectors of garbage let a moment pass before they give back what the coming of so many has left behind. */
const settledMs = 2000

export const idleMemory: Scenario = {
  id: 'idle-memory',
  title: 'Idle memory',
  text: `Resident memory of the server with so many idle clients, each with one subscription, less that of the empty server, for each of them, ${settledMs / 1000} s after the last one came. Then one event reaches all of them.`,
  unit: 'bytes per connection',
  better: 'less',
  stages: mode => (mode === 'quick' ? [{ ...stage(10_000), maxRounds: 1 }] : [900, 10_000, 50_000].map(stage)),
}

export function stage(clients: number): OneByOne {
  return {
    sockets: clients + 1,
    cells: [{ clients }],
    maxRounds: 3,
    round: target =>
      withServer(target, async server => {
        await Bun.sleep(startedMs)
        const [pid] = server.pids as [number]
        const empty = rssBytes(pid)
        using crowd = await Crowd.subscribed({ size: clients, at: server.at, channels: () => [channel] })
        await Bun.sleep(settledMs)
        const value = (rssBytes(pid) - empty) / clients
        if (value <= 0) throw new Error('the empty server had more memory than the full one: it had not settled')
        return [{ value, details: { emptyMb: empty / 1e6 }, faults: await everybodyHears(server, crowd, channel) }]
      }),
  }
}
