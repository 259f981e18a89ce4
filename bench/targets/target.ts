/** A server under test: how it is installed and started. */
import type { Address } from '../load/client.ts'

export type Server = AsyncDisposable & {
  readonly at: readonly Address[]
  /** The processes whose CPU time and memory are measured. */
  readonly pids: readonly number[]
  /** Processes that it needs, but whose CPU time counts as load. */
  readonly dependencies?: readonly number[]
}

export type Target = {
  readonly id: string
  /** The name in tables. */
  readonly name: string
  /** How many sockets the server itself can hold. */
  readonly maxSockets: number
  /** Downloads what it needs; runs before the network namespace is entered. @throws when it cannot be installed */
  readonly install?: () => Promise<void>
  readonly version: () => string
  /** Resolves when it accepts connections. */
  readonly start: () => Promise<Server>
}
