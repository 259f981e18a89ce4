#!/usr/bin/env bun
/** `make attack`: floods a server, and measures what its other clients notice. `test/attack/run.ts --help` lists the options. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cleanUpWhenInterrupted, run } from 'revurb-bench/command-line.ts'
import { isIsolated, runIsolated } from 'revurb-bench/machine/isolation.ts'
import { Progress } from 'revurb-bench/progress.ts'
import { type Options, parse, usage } from './options.ts'
import type { Peak } from './peaks.ts'
import { isMissed } from './report/goals.ts'
import type { PeakResult, Results } from './report/results.ts'
import { isOnlyLate, isScenarioMissed, type ScenarioResult } from './report/scenarios.ts'
import { report } from './report/table.ts'
import type { Scenario, ScenarioOptions } from './scenarios/scenario.ts'
import { attack } from './session.ts'
import { startTarget } from './target.ts'

/** A scenario has no rounds: on a shared machine a latency is missed for certain where it is each time. */
const sharedTries = 3

await run({ parse, usage, main })

async function main(options: Options, args: string[]): Promise<number> {
  const directory = resolve(options.against ?? join(import.meta.dir, '../..'))
  if (!existsSync(join(directory, 'dist/revurb.js'))) {
    console.error(`There is no dist/revurb.js in ${directory}: run \`make build\` there.`)
    return 2
  }
  if (process.platform !== 'linux') {
    console.error('make attack needs Linux: taskset, setpriv and /proc.')
    return 1
  }
  if (!isIsolated()) return runIsolated([import.meta.path, ...args], {})
  cleanUpWhenInterrupted()
  return verdict(await playAll(options, directory), options)
}

async function playAll(options: Options, directory: string): Promise<Results> {
  const { floods, peaks, scenarios, rounds, seconds } = options
  const progress = new Progress(floods.length * rounds + peaks.length + scenarios.length)
  const results = { floods: [] as Results['floods'][0][], peaks: [] as PeakResult[], scenarios: [] as ScenarioResult[] }
  for (const flood of floods) {
    const announce = (round: number) => progress.step(`${flood.title} · round ${round + 1}/${rounds}`)
    results.floods.push(await attack(flood, { directory, rounds, seconds }, announce))
  }
  for (const peak of peaks) {
    progress.step(peak.title)
    results.peaks.push(await play(peak, directory))
  }
  for (const { lack, ...scenario } of scenarios) {
    progress.step(scenario.title)
    if (lack) {
      console.error(`Left out: ${scenario.title} (${lack})`)
      continue
    }
    results.scenarios.push(
      await playScenario(scenario, { directory, seconds: options.scenarioSeconds }, options.isShared ? sharedTries : 1),
    )
  }
  progress.end()
  return results
}

/** @param tries how often it is played where nothing but latencies is missed */
async function playScenario(
  { play, ...scenario }: Omit<Scenario, 'lack'>,
  options: ScenarioOptions,
  tries: number,
): Promise<ScenarioResult> {
  try {
    for (let tried = 1; ; tried++) {
      const result = { ...scenario, ...(await play(options)) }
      if (tried === tries || !isOnlyLate(result)) return result
    }
  } catch (error) {
    return { ...scenario, measures: [], faults: [(error as Error).message] }
  }
}

async function play({ id, title, play }: Peak, directory: string): Promise<PeakResult> {
  try {
    await using server = await startTarget(directory)
    return { id, title, faults: await play(server) }
  } catch (error) {
    return { id, title, faults: [(error as Error).message] }
  }
}

/** The last line is for programs. */
function verdict(results: Results, { isShared }: Options): number {
  const { floods, peaks, scenarios } = results
  const missed =
    floods.filter(flood => isMissed(flood, isShared)).length +
    peaks.filter(({ faults }) => faults.length > 0).length +
    scenarios.filter(scenario => isScenarioMissed(scenario, isShared)).length
  const total = floods.length + peaks.length + scenarios.length
  console.log(`${report(results, isShared)}\n\n${total - missed} held, ${missed} missed`)
  return missed === 0 ? 0 : 1
}
