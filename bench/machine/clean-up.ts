/** What has to be undone when a run is interrupted; whoever undoes it in time takes it back. */

type Undo = () => unknown

const open = new Set<Undo>()

/** @returns what does it, once, and takes it off the list */
export function undoing(undo: Undo): () => Promise<void> {
  open.add(undo)
  return async () => {
    if (open.delete(undo)) await undo()
  }
}

/** The newest first: processes before what they run in. What cannot be undone does not keep the rest. */
export async function undoAll(): Promise<void> {
  for (const undo of [...open].reverse()) {
    open.delete(undo)
    await Promise.try(undo).catch(console.error)
  }
}
