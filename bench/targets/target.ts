/** A server that is measured: how it is had, and started. */
import type { Address } from '../load/client.ts'

export type Server = AsyncDisposable & {
  readonly at: readonly Address[]
  /** The processes whose time and memory count. */
  readonly pids: readonly number[]
  /** Those that it needs beside them, and that do not count. */
  readonly dependencies?: readonly number[]
}

export type Target = {
  readonly id: string
  /** As tables call it. */
  readonly name: string
  /** How many sockets it can hold, whatever the machine allows. */
  readonly maxSockets: number
  /** Gets what it is made of, where there is a network. @throws when it cannot be had */
  readonly install?: () => Promise<void>
  readonly version: () => string
  /** Resolves when it lets clients in. */
  readonly start: () => Promise<Server>
}
