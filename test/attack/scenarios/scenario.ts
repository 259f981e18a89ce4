/** Something that happens to servers once, for a given time, and what is measured meanwhile. */
import type { Measure } from '../report/scenarios.ts'

export type ScenarioManner = {
  /** The build whose servers are measured. */
  readonly directory: string
  /** How long what the scenario is about lasts. */
  readonly seconds: number
}

export type Played = {
  /** The same ones in the same order in all scenarios of a group. */
  readonly measures: readonly Measure[]
  /** What must never happen, in a sentence each. */
  readonly faults: readonly string[]
}

export type Scenario = {
  readonly id: string
  readonly title: string
  /** Of a table in the report. */
  readonly group: string
  /** Why it cannot be played here. */
  readonly lack?: string | false
  /** @throws what cannot be gone on from */
  readonly play: (manner: ScenarioManner) => Promise<Played>
}
