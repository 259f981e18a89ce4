/** Waiting for what is under way, in bounds. */
import type { Faults } from './tally.ts'

/** How long nothing may come before what is missing counts as lost. */
const patienceMs = 5000
/** How long a frame that is one too many would take. */
const graceMs = 30

type Counted = { readonly received: number; faults(expected: number): Faults }

/** Waits for the last frame, and for one too many. @param expected of all ears together */
export async function arrived(tally: Counted, expected: number): Promise<Faults> {
  let received = -1
  let since = performance.now()
  while (tally.received < expected && performance.now() - since < patienceMs) {
    if (tally.received !== received) since = performance.now()
    received = tally.received
    await Bun.sleep(5)
  }
  await Bun.sleep(graceMs)
  return tally.faults(expected)
}

/** Not wrong, but not done in bounds. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow'
}

/** @throws a `Late` when it takes longer */
export async function within<T>(
  seconds: number,
  what: string,
  promise: Promise<T>,
  Late: new (text: string) => Error = Error,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Late(`not within ${seconds} s: ${what}`)), seconds * 1000)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
