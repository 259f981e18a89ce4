/** How a process notices that its parent has gone. */

const lookEveryMs = 1000

/** Resolves once this process has another parent than this one, which has ended then. */
export async function parentGone(parent: number, parentOf: () => number, sleep: (ms: number) => Promise<unknown>): Promise<void> {
  while (parentOf() === parent) await sleep(lookEveryMs)
}
