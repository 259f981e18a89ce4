/** One run from beginning to end: who is there, every scenario, and what came out. */
import { cpus, release, totalmem } from 'node:os'
import { hasOwnNetwork } from './machine/isolation.ts'
import { descriptors } from './machine/process.ts'
import type { Options } from './options.ts'
import { Progress } from './progress.ts'
import type { Results, ScenarioResult } from './report/results.ts'
import { playStage, steps } from './rounds.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { targetsOf } from './targets/all.ts'
import type { Target } from './targets/target.ts'

/** By target, why it could not be installed. */
export type Lacks = Record<string, string>

export async function measureAll(options: Options, lacks: Lacks): Promise<Results> {
  const { mode, chosen, without, reverb, command } = options
  const measured = commit()
  const missing: Results['missing'][0][] = []
  const present: Target[] = []
  for (const target of targetsOf(reverb).filter(({ id }) => !without.includes(id))) {
    const { id, name } = target
    const reason = lacks[id] ?? (await startFails(target))
    if (reason === undefined) present.push(target)
    else missing.push({ id, name, reason })
  }
  const playable = chosen.map(scenario => ({ scenario, leftOut: scenario.lack?.() }))
  const total = playable.reduce((sum, { scenario, leftOut }) => sum + (leftOut ? 0 : steps(scenario, present, mode)), 0)
  const progress = new Progress(total)
  const scenarios: ScenarioResult[] = []
  for (const { scenario, leftOut } of playable) scenarios.push(await play(scenario, present, options, progress, leftOut))
  progress.end()
  return {
    command,
    mode: mode.name,
    date: new Date().toISOString().slice(0, 10),
    commit: measured,
    machine: machine(),
    rounds: mode.rounds,
    seconds: mode.seconds,
    turns: mode.turns,
    targets: present.map(({ id, name, version }) => ({ id, name, version: version() })),
    missing,
    scenarios,
  }
}

async function play(
  { stages, targets, ...scenario }: Scenario,
  present: readonly Target[],
  { mode }: Options,
  progress: Progress,
  leftOut: string | undefined,
): Promise<ScenarioResult> {
  const who = targets ?? present
  const { id, title, text, unit, better } = scenario
  const result = { id, title, text, unit, better, targets: who.map(({ id, name }) => ({ id, name })) }
  if (leftOut !== undefined) return { ...result, lines: [], leftOut }
  const lines = []
  for (const stage of stages(mode.name)) {
    lines.push(...(await playStage(stage, who, mode, what => progress.step(`${title} · ${what}`))))
  }
  return { ...result, lines }
}

async function startFails({ start }: Target): Promise<string | undefined> {
  try {
    await using _server = await start()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function machine(): Results['machine'] {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    ownNetwork: hasOwnNetwork(),
    descriptors: descriptors(),
  }
}

function commit(): string {
  const { stdout } = Bun.spawnSync(['git', 'describe', '--always', '--dirty'], { cwd: import.meta.dir, stderr: 'ignore' })
  return stdout.toString().trim() || 'unknown'
}
