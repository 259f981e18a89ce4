/** After so long a test fails: it says nothing about speed, and has to be enough for a machine that is busy with other things. */
export const patienceSeconds = 60

/** The longest that one look at a condition counts: what is beyond it, this process has slept through on a machine that stopped it. */
const longestLookMs = 1000

/** Waits until something holds: tests wait for conditions with a deadline, never for a time. */
export async function until<T>(what: string, holds: () => T | Promise<T>, seconds = patienceSeconds): Promise<NonNullable<T>> {
  let leftMs = seconds * 1000
  for (let lookedAtMs = performance.now(); ; ) {
    const value = await holds()
    if (value) return value
    if (leftMs <= 0) throw new Error(`Not within ${seconds} seconds: ${what}`)
    await Bun.sleep(20)
    const nowMs = performance.now()
    leftMs -= Math.min(nowMs - lookedAtMs, longestLookMs)
    lookedAtMs = nowMs
  }
}
