/** How a process whose stdin has ended notices that its parent has exited. */

const checkEveryMs = 1000

/** Resolves once this process has another parent than `pid`, which means that that one has exited. */
export async function parentExit(pid: number, parentPid: () => number, sleep: (ms: number) => Promise<unknown>): Promise<void> {
  while (parentPid() === pid) await sleep(checkEveryMs)
}
