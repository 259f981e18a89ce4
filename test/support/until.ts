/** A wait that takes longer fails its test. It measures no speed: a busy machine needs the time. */
export const timeoutSeconds = 60

/** The longest time that counts between two checks of a condition: beyond it the machine did not run this process. */
const maxCountedMs = 1000

/** Waits until something holds: tests wait for conditions with a deadline, never for a time. */
export async function until<T>(what: string, holds: () => T | Promise<T>, seconds = timeoutSeconds): Promise<NonNullable<T>> {
  let leftMs = seconds * 1000
  for (let checkedAtMs = performance.now(); ; ) {
    const value = await holds()
    if (value) return value
    if (leftMs <= 0) throw new Error(`Not within ${seconds} seconds: ${what}`)
    await Bun.sleep(20)
    const nowMs = performance.now()
    leftMs -= Math.min(nowMs - checkedAtMs, maxCountedMs)
    checkedAtMs = nowMs
  }
}
