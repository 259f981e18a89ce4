/** A scenario has stages, a stage has workloads, and the results of a workload are one line of a table. */
import type { Faults } from '../load/tally.ts'
import type { Server, Target } from '../targets/target.ts'

export type ModeName = 'quick' | 'full'

export type Mode = {
  readonly name: ModeName
  readonly rounds: number
  /** How long one measurement takes, after the warm-up. */
  readonly seconds: number
  /** Into how many turns a measurement is divided when servers are measured side by side. */
  readonly turns: number
  readonly warmUpSeconds: number
}

/** The parameters of a workload, by the headings of their columns. */
export type Workload = Readonly<Record<string, number | string>>

/** What one round measured of one server under one workload. */
export type Sample = {
  /** In the scenario's unit; undefined when the server did not keep up with the load. */
  readonly value?: number
  /** CPU time of the server for each delivery, request or connection, in microseconds. */
  readonly cpuUs?: number
  /** How busy the cores were, as a part of one core: with the server, with the load generator, and on both with other programs. */
  readonly busy?: { readonly server: number; readonly load: number; readonly others: number }
  /** In milliseconds, ascending. Discarded after the percentiles of all rounds have been computed. */
  readonly latencies?: Float32Array
  readonly details?: Readonly<Record<string, number>>
  readonly faults: Faults
}

export type Stage = SideBySide | OneByOne

type AnyStage = {
  /** How many descriptors each server, and the load generator for it, needs. */
  readonly sockets: number
  readonly workloads: readonly Workload[]
  /** Limits the rounds of a stage that takes long. */
  readonly maxRounds?: number
}

/** In each round all servers are up at once, and under each workload they take turns. */
export type SideBySide = AnyStage & { readonly open: (target: Target, mode: Mode) => Promise<Session> }

/** In each round one server is measured after the other. */
export type OneByOne = AnyStage & {
  /** @returns a sample of each workload */
  readonly round: (target: Target, mode: Mode) => Promise<Sample[]>
}

/** A running server and its subscribers. */
export type Session = AsyncDisposable & {
  readonly server: Pick<Server, 'pids'>
  /** @param workload index in the stage */
  readonly begin: (workload: number) => Promise<Run>
}

/** A session under one workload. Its server is stopped between the calls of these functions. */
export type Run = {
  /** Measures for so many seconds. */
  readonly turn: (seconds: number) => Promise<Sample>
  /** Resolves when nothing of the last turn is in flight any more. */
  readonly settled: () => Promise<void>
  /** @returns the faults of all turns together */
  readonly end: () => Promise<Faults>
}

export type Scenario = {
  readonly id: string
  readonly title: string
  /** One or two sentences for the report. */
  readonly text: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly stages: (mode: ModeName) => readonly Stage[]
  /** Replaces the usual targets. */
  readonly targets?: readonly Target[]
  /** Why the scenario cannot be measured on this machine. */
  readonly unavailable?: () => string | undefined
}

/** Runs a round that needs one server. */
export async function withServer<T>({ start }: Target, act: (server: Server) => Promise<T>): Promise<T> {
  await using server = await start()
  return await act(server)
}
