/** One flood against a server of its own: measured without it and with it, in rounds. */
import { join } from 'node:path'
import { cpuSeconds, rssBytes } from 'revurb-bench/machine/process.ts'
import type { Server } from 'revurb-bench/targets/target.ts'
import type { Outcome } from './attacker/outcome.ts'
import type { AttackerSettings, AttackOrder } from './attacker/program.ts'
import type { AudienceReport, AudienceSettings } from './audience/program.ts'
import { Child } from './child.ts'
import { churner, type Flood, presenceChannel } from './floods.ts'
import { MemoryWatch } from './memory.ts'
import type { ProbeReport } from './probe/probe.ts'
import type { ProbeOrder, ProbeSettings } from './probe/program.ts'
import { type FloodResult, measured, type Round } from './report/results.ts'
import { membersOf, startTarget } from './target.ts'

export type AttackOptions = {
  /** The build whose server is attacked. */
  readonly directory: string
  readonly rounds: number
  /** How long one flood lasts, in all its rounds together. */
  readonly seconds: number
}

/** The probe must never wait for the attacker. */
const priorities = { probe: 'first', audience: 'usual', attacker: 'last' } as const

const warmUpSeconds = 0.5
/** Before the first round, between rounds, and after the last. */
const quietSeconds = 0.6
/** A server that uses less than this share of its core has finished the work of a flood. */
const idleShare = 0.2
const idleWindowMs = 100
/** How long the server may take to become idle, and to send the members that the attacker has left. */
const timeoutMs = 10_000

/** @param announce is called before each round */
export async function attack(flood: Flood, options: AttackOptions, announce: (round: number) => void): Promise<FloodResult> {
  const rounds: Round[] = []
  const isPresence = flood.kind === 'websocket' && flood.members !== undefined
  const result = { id: flood.id, title: flood.title, isPresence, rounds, rssBytes: 0 }
  try {
    await using server = await startTarget(options.directory, { app: flood.app ?? {} })
    await using scene = await Scene.set(flood, server)
    result.rssBytes = rssBytes(server.pids[0]!)
    await scene.quiet(warmUpSeconds)
    let before = await scene.quiet(quietSeconds)
    while (rounds.length < options.rounds) {
      announce(rounds.length)
      const { report, ...round } = await scene.round(options.seconds / options.rounds)
      const after = await scene.quiet(quietSeconds)
      rounds.push({
        ...round,
        without: measured([before, after]),
        with: measured([report]),
        faults: [...round.faults, ...report.faults, ...before.faults, ...after.faults],
      })
      before = after
    }
    return result
  } catch (error) {
    return { ...result, failed: (error as Error).message }
  }
}

/** The server with its probe, its attacker and its audience. */
class Scene implements AsyncDisposable {
  private constructor(
    private readonly server: Server,
    private readonly probe: Child<ProbeOrder, ProbeReport>,
    private readonly attacker: Child<AttackOrder, Outcome>,
    private readonly audience: Child<object, AudienceReport> | undefined,
    private readonly stack: AsyncDisposableStack,
  ) {}

  static async set(flood: Flood, server: Server): Promise<Scene> {
    await using stack = new AsyncDisposableStack()
    const at = server.at[0]!
    const start = <Order, Report>(role: keyof typeof priorities, settings: object) =>
      stack.use(new Child<Order, Report>(join(import.meta.dir, role, 'program.ts'), { settings, priority: priorities[role] }))
    const members = flood.kind === 'websocket' ? flood.members : undefined
    const audience =
      members === undefined ? undefined : start<object, AudienceReport>('audience', { at, members } satisfies AudienceSettings)
    await audience?.order({})
    const probe = start<ProbeOrder, ProbeReport>('probe', { at } satisfies ProbeSettings)
    const attacker = start<AttackOrder, Outcome>('attacker', { at, floodId: flood.id } satisfies AttackerSettings)
    return new Scene(server, probe, attacker, audience, stack.move())
  }

  /** What the probe measures without the flood. */
  quiet(seconds: number): Promise<ProbeReport> {
    return this.probe.order({ seconds })
  }

  async round(
    seconds: number,
  ): Promise<Pick<Round, 'outcome' | 'audienceBytes' | 'rssBytes' | 'faults'> & { report: ProbeReport }> {
    const before = await this.audience?.order({})
    using memory = new MemoryWatch(this.server.pids[0]!)
    const [outcome, report] = await Promise.all([this.attacker.order({ seconds }), this.probe.order({ seconds })])
    const after = await this.attackerHasLeft()
    await this.serverIsIdle()
    return {
      outcome,
      report,
      rssBytes: memory.peak,
      audienceBytes: (after?.bytes ?? 0) - (before?.bytes ?? 0),
      faults: [
        ...(outcome.bytesSent === 0 ? ['the attacker could send nothing'] : []),
        ...(await this.memberFaults(before, after)),
      ],
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack.disposeAsync()
  }

  /** Waits until no member has the attacker on its list. */
  private async attackerHasLeft(): Promise<AudienceReport | undefined> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const report = await this.audience?.order({})
      if (report === undefined || report.outdatedMembers === 0 || performance.now() > deadline) return report
      await Bun.sleep(50)
    }
  }

  /** Waits for the work of this flood to end, so that it does not slow down the next measurement without one. */
  private async serverIsIdle(): Promise<void> {
    const { pids } = this.server
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const seconds = cpuSeconds(pids)
      await Bun.sleep(idleWindowMs)
      if ((cpuSeconds(pids) - seconds) * 1000 < idleShare * idleWindowMs || performance.now() > deadline) return
    }
  }

  private async memberFaults(before?: AudienceReport, after?: AudienceReport): Promise<string[]> {
    if (before === undefined || after === undefined) return []
    const wrong = after.faults - before.faults
    const users = await membersOf(this.server, presenceChannel)
    return [
      ...(wrong === 0 ? [] : ['members were sent a join of a user who was there, or a leave of one who was not']),
      ...(after.outdatedMembers === 0 ? [] : [`${after.outdatedMembers} members were not sent that the attacker has left`]),
      ...(users.includes(churner) ? ['the API lists the attacker among the members after it has left'] : []),
      ...(users.length === after.members ? [] : [`the API lists ${users.length} of ${after.members} members who stayed`]),
    ]
  }
}
