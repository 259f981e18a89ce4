/** Waiting, with a limit, for deliveries that are in flight. */
import type { Faults } from './tally.ts'

/** After so long without a delivery, those that are missing count as lost. */
const silenceMs = 5000
/** A duplicate of the last frame would arrive within this time. */
const graceMs = 30

type Counted = { readonly received: number; faults(expected: number): Faults }

/** Waits for the last delivery, and for a duplicate of it. @param expected deliveries to all clients together */
export async function awaitDeliveries(tally: Counted, expected: number): Promise<Faults> {
  let received = -1
  let since = performance.now()
  while (tally.received < expected && performance.now() - since < silenceMs) {
    if (tally.received !== received) since = performance.now()
    received = tally.received
    await Bun.sleep(5)
  }
  await Bun.sleep(graceMs)
  return tally.faults(expected)
}

/** The server works, but not fast enough to be measured. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut'
}

/** @throws an error of the given class when the promise takes longer */
export async function withTimeout<T>(
  seconds: number,
  what: string,
  promise: Promise<T>,
  TimeoutError: new (text: string) => Error = Error,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new TimeoutError(`not within ${seconds} s: ${what}`)), seconds * 1000)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
