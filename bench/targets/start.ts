/** Starts a server's program, and waits until it listens. */
import { rmSync } from 'node:fs'
import type { Address } from '../load/client.ts'
import { undoing } from '../machine/clean-up.ts'
import { listenHost, serverHosts } from '../machine/isolation.ts'
import { Pinned, type PinnedOptions } from '../machine/pinned.ts'
import { freePort } from '../machine/port.ts'
import type { Server } from './target.ts'

export type Program = PinnedOptions & {
  readonly command: readonly string[]
  /** A folder that is its alone. */
  readonly scratch?: string
}

const patienceMs = 20_000

/** @throws with the program's last words, when it ends or does not listen in time */
export async function startProgram(program: (host: string, port: number) => Program): Promise<Server> {
  const port = await freePort()
  const { command, scratch, ...options } = program(listenHost(), port)
  const forget = undoing(() => scratch !== undefined && rmSync(scratch, { recursive: true, force: true }))
  const pinned = new Pinned(command, options)
  const stop = async () => {
    await pinned[Symbol.asyncDispose]()
    await forget()
  }
  const at = serverHosts().map(host => ({ host, port }))
  try {
    await listening(at[0]!, pinned)
  } catch (error) {
    await stop()
    throw error
  }
  return { at, pids: [pinned.pid], [Symbol.asyncDispose]: stop }
}

async function listening(at: Address, pinned: Pinned): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await accepts(at))) {
    if (pinned.hasEnded) throw new Error(`it has ended: ${pinned.lastWords}`)
    if (performance.now() > deadline) throw new Error(`it does not listen: ${pinned.lastWords}`)
    await Bun.sleep(20)
  }
}

async function accepts({ host, port }: Address): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: host, port, socket: { data() {} } })
    socket.terminate()
    return true
  } catch {
    return false
  }
}
