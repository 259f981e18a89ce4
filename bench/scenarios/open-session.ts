/** Starts a server and its subscribers, to be measured beside others or alone. */
import type { Server, Target } from '../targets/target.ts'
import { combine } from './combine.ts'
import type { OneByOne, Run, Sample, Session, SideBySide } from './scenario.ts'

/** @param prepare connects the subscribers; what it puts on the stack is disposed of before the server */
export async function openSession(
  { start }: Target,
  prepare: (server: Server, stack: AsyncDisposableStack) => Promise<(workload: number) => Promise<Run>>,
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

/** The same stage, one server after the other: for servers that must not be stopped between turns. */
export function oneByOne({ open, ...stage }: SideBySide, warmUpSeconds: number): OneByOne {
  return {
    ...stage,
    async round(target, mode) {
      await using session = await open(target, mode)
      const samples: Sample[] = []
      for (const workload of stage.workloads.keys()) {
        const run = await session.begin(workload)
        await run.turn(warmUpSeconds)
        samples.push(combine([await run.turn(mode.seconds)], await run.end()))
      }
      return samples
    },
  }
}
