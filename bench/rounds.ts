/** Runs the rounds of a stage. Each round starts with another server. */
import { descriptors } from './machine/process.ts'
import { Recorder } from './recorder.ts'
import type { Line } from './report/results.ts'
import type { Mode, OneByOne, Scenario, Stage } from './scenarios/scenario.ts'
import { rotated, runSideBySide } from './side-by-side.ts'
import type { Target } from './targets/target.ts'

/** Called before each step with a description of it. */
export type Announce = (what: string) => void

/** Descriptors for listeners, logs and other files. */
const reserve = 200

type Recorders = readonly (readonly [Target, Recorder])[]

export async function runStage(stage: Stage, targets: readonly Target[], mode: Mode, announce: Announce): Promise<Line[]> {
  const recorders: Recorders = targets.map(target => [target, recorder(stage, target, targets)])
  const rounds = roundsOf(stage, mode)
  for (let round = 0; round < rounds; round++) {
    const turn = rotated(recorders, round)
    const announceStep = (what: string, workload?: number) =>
      announce([...named(stage, workload), `round ${round + 1}/${rounds}`, what].join(' · '))
    if ('open' in stage) {
      await runSideBySide(stage, turn, mode, workload =>
        announceStep(workload === undefined ? 'starting all servers' : 'side by side', workload),
      )
    } else await runOneByOne(stage, turn, mode, announceStep)
  }
  return stage.workloads.map((workload, i) => ({
    workload,
    entries: Object.fromEntries(recorders.map(([{ id }, recorder]) => [id, recorder.entry(i)])),
  }))
}

function roundsOf({ maxRounds = Number.POSITIVE_INFINITY }: Stage, { rounds }: Mode): number {
  return Math.min(rounds, maxRounds)
}

/** How many steps are announced for the scenario. */
export function steps({ stages, targets }: Scenario, usual: readonly Target[], mode: Mode): number {
  const inRound = (stage: Stage) => ('open' in stage ? 1 + stage.workloads.length : (targets ?? usual).length)
  return stages(mode.name).reduce((sum, stage) => sum + roundsOf(stage, mode) * inRound(stage), 0)
}

async function runOneByOne({ round }: OneByOne, recorders: Recorders, mode: Mode, announceStep: Announce): Promise<void> {
  for (const [target, recorder] of recorders) {
    announceStep(target.name)
    if (recorder.isClosed) continue
    const samples = await recorder.attempt(() => round(target, mode))
    for (const [workload, sample] of samples?.entries() ?? []) recorder.add(workload, sample)
  }
}

function recorder(stage: Stage, { maxSockets }: Target, all: readonly Target[]): Recorder {
  const { workloads, sockets } = stage
  const recorder = new Recorder(workloads.length)
  const atOnce = 'open' in stage ? all.filter(target => sockets <= target.maxSockets).length : 1
  const available = descriptors() - reserve
  if (sockets > maxSockets) recorder.leftOut = `holds no more than ${maxSockets} sockets`
  else if (sockets * atOnce > available) {
    recorder.leftOut = `needs ${sockets * atOnce} descriptors, a process here has ${available}`
  }
  return recorder
}

/** The parameters of that workload, or those that all workloads of the stage share. */
function named({ workloads }: Stage, workload?: number): string[] {
  const of = workload === undefined ? workloads : [workloads[workload]!]
  const shared = Object.entries(of[0]!).filter(([name, value]) => of.every(other => other[name] === value))
  return shared.map(([name, value]) => `${value.toLocaleString('en')} ${name}`)
}
