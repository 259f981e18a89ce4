/** Plays the rounds: everybody in turns, in each round from another one on. */
import type { Contestant } from './contestants/contestant.ts'
import { TooSlow } from './load/arrival.ts'
import { descriptors } from './machine/process.ts'
import { type Entry, entry, type Line } from './report/results.ts'
import type { Mode, Sample, Scenario, Stage } from './scenarios/scenario.ts'

/** Said before each step. */
export type Announce = (what: string) => void

/** For listeners, logs and what else a process opens. */
const reserve = 200

/** What a contestant has done in a stage so far. */
class Account {
  /** Of each cell. */
  readonly samples: Sample[][]
  leftOut: string | undefined
  failed: string | undefined

  constructor(cells: number) {
    this.samples = Array.from({ length: cells }, () => [])
  }

  /** More rounds would not change it. */
  get isClosed(): boolean {
    return this.leftOut !== undefined || this.failed !== undefined
  }

  /** Cells that no sample came from were not asked for. */
  add(samples: readonly Sample[]): void {
    for (const [i, sample] of samples.entries()) this.samples[i]!.push(sample)
  }

  entry(cell: number): Entry {
    const samples = this.samples[cell]!
    const { leftOut = samples.length === 0 ? 'cannot keep up' : undefined, failed } = this
    return entry(samples, { ...(failed === undefined && leftOut !== undefined ? { leftOut } : {}), ...(failed && { failed }) })
  }
}

export async function playStage(
  stage: Stage,
  contestants: readonly Contestant[],
  mode: Mode,
  announce: Announce,
): Promise<Line[]> {
  const accounts = new Map(contestants.map(contestant => [contestant, account(stage, contestant)]))
  const rounds = roundsOf(stage, mode)
  for (let round = 0; round < rounds; round++) {
    for (const contestant of turned(contestants, round)) {
      announce([...named(stage), `round ${round + 1}/${rounds}`, contestant.name].join(' · '))
      await play(stage, contestant, mode, accounts.get(contestant)!)
    }
  }
  return stage.cells.map((cell, i) => ({
    cell,
    entries: Object.fromEntries([...accounts].map(([{ id }, account]) => [id, account.entry(i)])),
  }))
}

export function roundsOf({ maxRounds = Number.POSITIVE_INFINITY }: Stage, { rounds }: Mode): number {
  return Math.min(rounds, maxRounds)
}

/** How often `announce` is called for it. */
export function steps({ stages, contestants }: Scenario, lineup: readonly Contestant[], mode: Mode): number {
  const rounds = stages(mode.name).reduce((sum, stage) => sum + roundsOf(stage, mode), 0)
  return rounds * (contestants ?? lineup).length
}

async function play(stage: Stage, contestant: Contestant, mode: Mode, account: Account): Promise<void> {
  if (account.isClosed) return
  try {
    account.add(await stage.round(contestant, mode))
  } catch (error) {
    const { message } = error as Error
    if (error instanceof TooSlow) account.leftOut = message
    else account.failed = message
  }
}

function account({ cells, sockets }: Stage, { maxSockets }: Contestant): Account {
  const account = new Account(cells.length)
  const available = descriptors() - reserve
  if (sockets > maxSockets) account.leftOut = `holds no more than ${maxSockets} sockets`
  else if (sockets > available) account.leftOut = `needs ${sockets} descriptors, a process here has ${available}`
  return account
}

function turned<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}

/** What all its cells have in common. */
function named({ cells }: Stage): string[] {
  const [first, ...others] = cells as [Stage['cells'][0], ...Stage['cells']]
  const shared = Object.entries(first).filter(([name, value]) => others.every(other => other[name] === value))
  return shared.map(([name, value]) => `${value.toLocaleString('en')} ${name}`)
}
