/** How a process notices that its parent has gone. */

const lookEveryMs = 1000

/** Resolves once this process has another parent than it has now: its own has ended. */
export async function parentGone(parentOf: () => number, sleep: (ms: number) => Promise<unknown>): Promise<void> {
  const parent = parentOf()
  while (parentOf() === parent) await sleep(lookEveryMs)
}
