/** Brings one target to where it can be measured beside others. */
import type { Server, Target } from '../targets/target.ts'
import type { OneByOne, Run, Sample, Session, SideBySide } from './scenario.ts'
import { together } from './turns.ts'

/** @param prepare who listens; what it and its runs put on the stack goes before the server does */
export async function openSession(
  { start }: Target,
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

/**
 * That stage for servers that lose their pace when they are stopped: each is there by itself.
 *
 * @param paceSeconds how long they go on before they are measured
 */
export function oneByOne({ open, ...stage }: SideBySide, paceSeconds: number): OneByOne {
  return {
    ...stage,
    async round(target, mode) {
      await using session = await open(target, mode)
      const samples: Sample[] = []
      for (const cell of stage.cells.keys()) {
        const run = await session.begin(cell)
        await run.turn(paceSeconds)
        samples.push(together([await run.turn(mode.seconds)], await run.end()))
      }
      return samples
    },
  }
}
