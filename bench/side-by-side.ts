/**
 * A round in which all servers are up at once. Under each workload they take short turns, and a server that does not have its turn is
 * stopped, so that a machine that slows down affects all of them alike.
 */
import { pause, resume } from './machine/pause.ts'
import type { Recorder } from './recorder.ts'
import { combine } from './scenarios/combine.ts'
import type { Mode, Run, Sample, Session, SideBySide } from './scenarios/scenario.ts'
import type { Target } from './targets/target.ts'

type Participant = {
  readonly recorder: Recorder
  readonly session: Session
  /** It did not keep up, so heavier workloads are left out in this round. */
  isSaturated: boolean
}

type Runner = { readonly participant: Participant; readonly run: Run; readonly turns: Sample[] }

/** @param recorders in the order of the first turn @param announce called before the servers start, and before each workload */
export async function runSideBySide(
  stage: SideBySide,
  recorders: readonly (readonly [Target, Recorder])[],
  mode: Mode,
  announce: (workload?: number) => void,
): Promise<void> {
  await using sessions = new AsyncDisposableStack()
  const participants: Participant[] = []
  announce()
  for (const [target, recorder] of recorders) {
    if (recorder.isClosed) continue
    const session = await recorder.attempt(() => stage.open(target, mode))
    if (session === undefined) continue
    pause(sessions.use(session).server.pids)
    participants.push({ recorder, session, isSaturated: false })
  }
  for (const workload of stage.workloads.keys()) {
    announce(workload)
    await runWorkload(workload, participants, mode)
  }
}

async function runWorkload(workload: number, participants: readonly Participant[], { seconds, turns }: Mode): Promise<void> {
  const runners: Runner[] = []
  for (const participant of participants) {
    if (participant.isSaturated || participant.recorder.isClosed) continue
    const run = await whileResumed(participant, () => participant.session.begin(workload))
    if (run === undefined) continue
    await run.settled()
    runners.push({ participant, run, turns: [] })
  }
  for (let turn = 0; turn < turns; turn++) {
    for (const { participant, run, turns: done } of rotated(runners, turn)) {
      if (participant.recorder.isClosed) continue
      const sample = await whileResumed(participant, () => run.turn(seconds / turns))
      if (sample !== undefined) done.push(sample)
      await run.settled()
    }
  }
  for (const { participant, run, turns: done } of runners) {
    const { recorder } = participant
    if (recorder.isClosed) continue
    const faults = await whileResumed(participant, run.end)
    if (faults === undefined) continue
    const sample = combine(done, faults)
    recorder.add(workload, sample)
    participant.isSaturated = sample.value === undefined
  }
}

/** Lets the server run until the function is done. */
async function whileResumed<T>({ recorder, session }: Participant, act: () => Promise<T>): Promise<T | undefined> {
  const { pids } = session.server
  resume(pids)
  const result = await recorder.attempt(act)
  pause(pids)
  return result
}

/** The items, starting with another one each time. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
