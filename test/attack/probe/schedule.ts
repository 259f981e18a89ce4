/** An open loop on timers: it leaves the core to others while nothing is due. */

export type Rate = { readonly perSecond: number; readonly seconds: number }

/** The resolution of a timer. */
const restMs = 1

/** Calls with the moment at which a call was due, and its number; calls that are late follow each other at once. */
export async function everySoOften({ perSecond, seconds }: Rate, act: (dueMs: number, number: number) => void): Promise<void> {
  const beganMs = performance.now()
  const total = Math.round(perSecond * seconds)
  for (let number = 0; number < total; ) {
    const dueMs = beganMs + (number * 1000) / perSecond
    if (dueMs > performance.now()) await Bun.sleep(restMs)
    else act(dueMs, number++)
  }
}
