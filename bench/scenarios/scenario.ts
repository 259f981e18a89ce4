/** What is measured: a scenario has stages, a stage has cells, a cell becomes one line of a table. */

import type { Faults } from '../load/tally.ts'
import type { Server, Target } from '../targets/target.ts'

export type ModeName = 'quick' | 'full'

export type Mode = {
  readonly name: ModeName
  readonly rounds: number
  /** Of one measurement, after it has warmed up. */
  readonly seconds: number
  /** How many turns those seconds are spread over where targets are measured side by side. */
  readonly turns: number
  /** Before it, for a server whose code is still being compiled. */
  readonly warmUpSeconds: number
}

/** What tells a cell from the others of its scenario, by the heads of the table's columns. */
export type Cell = Readonly<Record<string, number | string>>

/** What one round found out about one cell. */
export type Sample = {
  /** In the scenario's unit; undefined when the server was asked for more than it can do. */
  readonly value?: number
  /** Server time for one of what is counted, in microseconds. */
  readonly cpuUs?: number
  /** Parts of a core: what the server used, what the load used, and what whoever else used of either core. */
  readonly busy?: { readonly server: number; readonly load: number; readonly others: number }
  /** Milliseconds, in order of size; not kept longer than until all rounds are put together. */
  readonly latencies?: Float32Array
  /** What else is worth keeping. */
  readonly details?: Readonly<Record<string, number>>
  readonly faults: Faults
}

export type Stage = SideBySide | OneByOne

type Every = {
  /** How many descriptors it takes of one process for each target that is there. */
  readonly sockets: number
  readonly cells: readonly Cell[]
  /** Where more rounds would take too long. */
  readonly maxRounds?: number
}

/** In a round everybody is there at once, each with a server of its own, and in each cell they take turns. */
export type SideBySide = Every & { readonly open: (target: Target, mode: Mode) => Promise<Session> }

/** In a round each comes when the one before it has gone. */
export type OneByOne = Every & {
  /** @returns a sample of each cell */
  readonly round: (target: Target, mode: Mode) => Promise<Sample[]>
}

/** A target that is there: its server, and those who listen to it. */
export type Session = AsyncDisposable & {
  readonly server: Pick<Server, 'pids'>
  /** Of one cell, by its place in the stage. */
  readonly begin: (cell: number) => Promise<Run>
}

/** What a target does in one cell. Its server is stopped while it is not asked for anything here. */
export type Run = {
  /** Goes on for so many seconds, of all that it is given. */
  readonly turn: (seconds: number) => Promise<Sample>
  /** Resolves when nothing more comes of its last turn. */
  readonly settled: () => Promise<void>
  /** @returns what went wrong in all turns together */
  readonly end: () => Promise<Faults>
}

export type Scenario = {
  readonly id: string
  readonly title: string
  /** What is done, in a sentence or two. */
  readonly text: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly stages: (mode: ModeName) => readonly Stage[]
  /** Instead of those that everything else is measured with. */
  readonly targets?: readonly Target[]
  /** Why it cannot be measured here. */
  readonly lack?: () => string | undefined
}

/** A round that needs one server. */
export async function withServer<T>({ start }: Target, act: (server: Server) => Promise<T>): Promise<T> {
  await using server = await start()
  return await act(server)
}
