/** After so long a test fails: it says nothing about speed, and has to be enough for a machine that is busy with other things. */
export const patienceSeconds = 60

/**
 * Waits until something holds: tests wait for conditions with a deadline, never for a time. It is looked at once more after the
 * deadline, which may have passed while this process did not run.
 */
export async function until<T>(what: string, holds: () => T | Promise<T>, seconds = patienceSeconds): Promise<NonNullable<T>> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const isOver = Date.now() >= deadline
    const value = await holds()
    if (value) return value
    if (isOver) throw new Error(`Not within ${seconds} seconds: ${what}`)
    await Bun.sleep(20)
  }
}
