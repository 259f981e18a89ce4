/** Plays the rounds of a stage, in each round from another target on. */
import { Account } from './account.ts'
import { descriptors } from './machine/process.ts'
import type { Line } from './report/results.ts'
import type { Mode, OneByOne, Scenario, Stage } from './scenarios/scenario.ts'
import { playSideBySide, rotated } from './side-by-side.ts'
import type { Target } from './targets/target.ts'

/** Said before each step. */
export type Announce = (what: string) => void

/** For listeners, logs and what else a process opens. */
const reserve = 200

type Accounts = readonly (readonly [Target, Account])[]

export async function playStage(stage: Stage, targets: readonly Target[], mode: Mode, announce: Announce): Promise<Line[]> {
  const accounts: Accounts = targets.map(target => [target, account(stage, target, targets)])
  const rounds = roundsOf(stage, mode)
  for (let round = 0; round < rounds; round++) {
    const turn = rotated(accounts, round)
    const say = (what: string, cell?: number) =>
      announce([...named(stage, cell), `round ${round + 1}/${rounds}`, what].join(' · '))
    if ('open' in stage) {
      await playSideBySide(stage, turn, mode, cell => say(cell === undefined ? 'everybody comes' : 'side by side', cell))
    } else await playOneByOne(stage, turn, mode, say)
  }
  return stage.cells.map((cell, i) => ({
    cell,
    entries: Object.fromEntries(accounts.map(([{ id }, account]) => [id, account.entry(i)])),
  }))
}

function roundsOf({ maxRounds = Number.POSITIVE_INFINITY }: Stage, { rounds }: Mode): number {
  return Math.min(rounds, maxRounds)
}

/** How often `announce` is called for it. */
export function steps({ stages, targets }: Scenario, targetsOf: readonly Target[], mode: Mode): number {
  const inRound = (stage: Stage) => ('open' in stage ? 1 + stage.cells.length : (targets ?? targetsOf).length)
  return stages(mode.name).reduce((sum, stage) => sum + roundsOf(stage, mode) * inRound(stage), 0)
}

async function playOneByOne({ round }: OneByOne, accounts: Accounts, mode: Mode, say: Announce): Promise<void> {
  for (const [target, account] of accounts) {
    say(target.name)
    if (account.isClosed) continue
    const samples = await account.attempt(() => round(target, mode))
    for (const [cell, sample] of samples?.entries() ?? []) account.add(cell, sample)
  }
}

function account(stage: Stage, { maxSockets }: Target, all: readonly Target[]): Account {
  const { cells, sockets } = stage
  const account = new Account(cells.length)
  const atOnce = 'open' in stage ? all.filter(target => sockets <= target.maxSockets).length : 1
  const available = descriptors() - reserve
  if (sockets > maxSockets) account.leftOut = `holds no more than ${maxSockets} sockets`
  else if (sockets * atOnce > available) {
    account.leftOut = `needs ${sockets * atOnce} descriptors, a process here has ${available}`
  }
  return account
}

/** That cell; or what all cells have in common. */
function named({ cells }: Stage, cell?: number): string[] {
  const of = cell === undefined ? cells : [cells[cell]!]
  const shared = Object.entries(of[0]!).filter(([name, value]) => of.every(other => other[name] === value))
  return shared.map(([name, value]) => `${value.toLocaleString('en')} ${name}`)
}
