/**
 * When the newest sockets of an app were opened on other nodes, while these have more than the app may have together. A node sends it with
 * its number of sockets, so what is kept is true for one moment. Sockets that it has lost since may be any of them.
 */

/** One moment on another node. */
type Sample = {
  /** How many of the sockets that the node had are there for certain. */
  remaining: number
  /** When its newest sockets were opened, the newest first. It may have older ones. */
  readonly openedAtMs: readonly number[]
}

export class NewestSockets {
  /** By app id and node id. */
  private readonly samples = new Map<string, Map<string, Sample>>()

  /**
   * Another node has sent how many sockets of an app it has, instead of `before`.
   *
   * @param newest when its newest sockets were opened, the newest first; undefined where it did not send that
   */
  receive(appId: string, nodeId: string, count: number, before: number, newest: readonly number[] | undefined): void {
    if (newest !== undefined) {
      const ofApp = this.samples.get(appId) ?? new Map<string, Sample>()
      this.samples.set(appId, ofApp.set(nodeId, { remaining: count, openedAtMs: newest }))
      return
    }
    const sample = this.samples.get(appId)?.get(nodeId)
    if (sample !== undefined) sample.remaining -= Math.max(0, before - count)
  }

  /** Forgets a node which has left, or of which changes were missed. */
  removeNode(nodeId: string): void {
    for (const ofApp of this.samples.values()) ofApp.delete(nodeId)
  }

  /** Forgets all apps but these. */
  keepOnly(apps: ReadonlyMap<string, unknown>): void {
    for (const appId of this.samples.keys()) if (!apps.has(appId)) this.samples.delete(appId)
  }

  /**
   * Returns a function that is called with when each of this node's sockets was opened, from the newest on. It returns how many older
   * sockets other nodes have at least. Of two that were opened in the same millisecond, that of the node with the lower id is older.
   */
  olderOnOthers(appId: string, ownNodeId: string): (openedAtMs: number) => number {
    const places = Array.from(this.samples.get(appId) ?? [], ([nodeId, sample]) => ({
      sample,
      isLower: nodeId < ownNodeId,
      newer: 0,
    }))
    return openedAtMs => {
      let older = 0
      for (const place of places) {
        const { sample, isLower } = place
        const isNewer = (other: number) => other > openedAtMs || (other === openedAtMs && !isLower)
        while (place.newer < sample.openedAtMs.length && isNewer(sample.openedAtMs[place.newer]!)) place.newer++
        // Where all that the node has sent are newer, it is unknown whether its others are.
        if (place.newer < sample.openedAtMs.length) older += Math.max(0, sample.remaining - place.newer)
      }
      return older
    }
  }
}
