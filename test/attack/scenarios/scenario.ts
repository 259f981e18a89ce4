/** A condition that servers are put under for a given time, and what is measured meanwhile. */
import type { Measure } from '../report/scenarios.ts'

export type ScenarioOptions = {
  /** The build whose servers are measured. */
  readonly directory: string
  /** How long the condition lasts. */
  readonly seconds: number
}

export type ScenarioOutcome = {
  /** All scenarios of a group have the same measures, in the same order. */
  readonly measures: readonly Measure[]
  /** What happened that must never happen, in a sentence each. */
  readonly faults: readonly string[]
}

export type Scenario = {
  readonly id: string
  readonly title: string
  /** The table of the report in which it has a row. */
  readonly group: string
  /** The reason why it cannot run on this machine. */
  readonly lack?: string | false
  /** @throws when it cannot continue */
  readonly play: (options: ScenarioOptions) => Promise<ScenarioOutcome>
}
