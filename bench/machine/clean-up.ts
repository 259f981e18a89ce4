/** Clean-ups that must also run when a run is interrupted: processes, folders, control groups. */

type CleanUp = () => unknown

const registered = new Set<CleanUp>()

/** @returns a function that runs the clean-up once, and unregisters it */
export function registerCleanUp(cleanUp: CleanUp): () => Promise<void> {
  registered.add(cleanUp)
  return async () => {
    if (registered.delete(cleanUp)) await cleanUp()
  }
}

/** Runs the newest first, so that processes end before their folders go. A clean-up that fails does not stop the others. */
export async function cleanUpAll(): Promise<void> {
  for (const cleanUp of [...registered].reverse()) {
    registered.delete(cleanUp)
    await Promise.try(cleanUp).catch(console.error)
  }
}
