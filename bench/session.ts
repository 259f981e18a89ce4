/** One run: finds out which servers can be measured, runs every scenario, and collects the results. */
import { cpus, release, totalmem } from 'node:os'
import { hasOwnNetwork } from './machine/isolation.ts'
import { descriptors } from './machine/process.ts'
import type { Options } from './options.ts'
import { Progress } from './progress.ts'
import type { Results, ScenarioResult } from './report/results.ts'
import { runStage, steps } from './rounds.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { targetsOf } from './targets/all.ts'
import type { Target } from './targets/target.ts'

/** Why a server could not be installed, by its id. */
export type InstallFailures = Record<string, string>

export async function measureAll(options: Options, installFailures: InstallFailures): Promise<Results> {
  const { mode, selected, without, reverb, command } = options
  const measuredCommit = commit()
  const missing: Results['missing'][0][] = []
  const present: Target[] = []
  for (const target of targetsOf(reverb).filter(({ id }) => !without.includes(id))) {
    const { id, name } = target
    const reason = installFailures[id] ?? (await startFailure(target))
    if (reason === undefined) present.push(target)
    else missing.push({ id, name, reason })
  }
  const planned = selected.map(scenario => ({ scenario, leftOut: scenario.unavailable?.() }))
  const total = planned.reduce((sum, { scenario, leftOut }) => sum + (leftOut ? 0 : steps(scenario, present, mode)), 0)
  const progress = new Progress(total)
  const scenarios: ScenarioResult[] = []
  for (const { scenario, leftOut } of planned) scenarios.push(await runScenario(scenario, present, options, progress, leftOut))
  progress.end()
  return {
    command,
    mode: mode.name,
    date: new Date().toISOString().slice(0, 10),
    commit: measuredCommit,
    machine: machine(),
    rounds: mode.rounds,
    seconds: mode.seconds,
    turns: mode.turns,
    targets: present.map(({ id, name, version }) => ({ id, name, version: version() })),
    missing,
    scenarios,
  }
}

async function runScenario(
  { stages, targets, ...scenario }: Scenario,
  present: readonly Target[],
  { mode }: Options,
  progress: Progress,
  leftOut: string | undefined,
): Promise<ScenarioResult> {
  const measured = targets ?? present
  const { id, title, text, unit, better } = scenario
  const result = { id, title, text, unit, better, targets: measured.map(({ id, name }) => ({ id, name })) }
  if (leftOut !== undefined) return { ...result, lines: [], leftOut }
  const lines = []
  for (const stage of stages(mode.name)) {
    lines.push(...(await runStage(stage, measured, mode, what => progress.step(`${title} · ${what}`))))
  }
  return { ...result, lines }
}

async function startFailure({ start }: Target): Promise<string | undefined> {
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
