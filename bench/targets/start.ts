/** Starts a server under test, and waits until it accepts connections. */
import { rmSync } from 'node:fs'
import type { Address } from '../load/client.ts'
import { registerCleanUp } from '../machine/clean-up.ts'
import { listenHost, serverHosts } from '../machine/isolation.ts'
import { Pinned, type PinnedOptions } from '../machine/pinned.ts'
import { freePort } from '../machine/port.ts'
import type { Server } from './target.ts'

export type Program = PinnedOptions & {
  readonly command: readonly string[]
  /** A temporary folder of the process, removed after it has exited. */
  readonly scratch?: string
}

const timeoutMs = 20_000

/** @throws with the end of the program's output, when it exits or does not listen in time */
export async function startProgram(program: (host: string, port: number) => Program): Promise<Server> {
  const port = await freePort()
  const { command, scratch, ...options } = program(listenHost(), port)
  const removeScratch = registerCleanUp(() => scratch !== undefined && rmSync(scratch, { recursive: true, force: true }))
  const pinned = new Pinned(command, options)
  const stop = async () => {
    await pinned[Symbol.asyncDispose]()
    await removeScratch()
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
  const deadline = performance.now() + timeoutMs
  while (!(await accepts(at))) {
    if (pinned.hasExited) throw new Error(`it has ended: ${pinned.outputTail}`)
    if (performance.now() > deadline) throw new Error(`it does not listen: ${pinned.outputTail}`)
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
