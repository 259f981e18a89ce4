/**
 * A round in which all targets are there at once. In each cell they take short turns, and whoever does not have its turn
 * is stopped: what the machine does to one, it does to the others.
 */
import type { Account } from './account.ts'
import { pause, resume } from './machine/pause.ts'
import type { Mode, Run, Sample, Session, SideBySide } from './scenarios/scenario.ts'
import { together } from './scenarios/turns.ts'
import type { Target } from './targets/target.ts'

type Entrant = {
  readonly account: Account
  readonly session: Session
  /** More than this cell would be too much for it in this round. */
  hasEnough: boolean
}

type Runner = { readonly entrant: Entrant; readonly run: Run; readonly turns: Sample[] }

/** @param accounts of whoever comes, in the order of the first turn @param announce called before everybody comes, and before each cell */
export async function playSideBySide(
  stage: SideBySide,
  accounts: readonly (readonly [Target, Account])[],
  mode: Mode,
  announce: (cell?: number) => void,
): Promise<void> {
  await using sessions = new AsyncDisposableStack()
  const entrants: Entrant[] = []
  announce()
  for (const [target, account] of accounts) {
    if (account.isClosed) continue
    const session = await account.attempt(() => stage.open(target, mode))
    if (session === undefined) continue
    pause(sessions.use(session).server.pids)
    entrants.push({ account, session, hasEnough: false })
  }
  for (const cell of stage.cells.keys()) {
    announce(cell)
    await playCell(cell, entrants, mode)
  }
}

async function playCell(cell: number, entrants: readonly Entrant[], { seconds, turns }: Mode): Promise<void> {
  const runners: Runner[] = []
  for (const entrant of entrants) {
    if (entrant.hasEnough || entrant.account.isClosed) continue
    const run = await awake(entrant, () => entrant.session.begin(cell))
    if (run === undefined) continue
    await run.settled()
    runners.push({ entrant, run, turns: [] })
  }
  for (let turn = 0; turn < turns; turn++) {
    for (const { entrant, run, turns: done } of rotated(runners, turn)) {
      if (entrant.account.isClosed) continue
      const sample = await awake(entrant, () => run.turn(seconds / turns))
      if (sample !== undefined) done.push(sample)
      await run.settled()
    }
  }
  for (const { entrant, run, turns: done } of runners) {
    const { account } = entrant
    if (account.isClosed) continue
    const faults = await awake(entrant, run.end)
    if (faults === undefined) continue
    const sample = together(done, faults)
    account.add(cell, sample)
    entrant.hasEnough = sample.value === undefined
  }
}

/** Its server goes on for as long as that takes. */
async function awake<T>({ account, session }: Entrant, act: () => Promise<T>): Promise<T | undefined> {
  const { pids } = session.server
  resume(pids)
  const result = await account.attempt(act)
  pause(pids)
  return result
}

/** From another one on each time. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
