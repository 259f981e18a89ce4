/** Brings one contestant to where it can be measured beside others. */
import type { Contestant, Server } from '../contestants/contestant.ts'
import type { Run, Session } from './scenario.ts'

/** @param prepare who listens; what it and its runs put on the stack goes before the server does */
export async function openSession(
  { start }: Contestant,
  prepare: (server: Server, stack: AsyncDisposableStack) => Promise<(cell: number) => Promise<Run>>,
): Promise<Session> {
  const stack = new AsyncDisposableStack()
  try {
    const server = stack.use(await start())
    return { server, begin: await prepare(server, stack), [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
