/** The outcome of one flood for its sender. */

export type Outcome = {
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Connections that were established. */
  readonly connections: number
  /** Connections that were refused or timed out. */
  readonly failedConnections: number
  /** How often the server ended connections: by close code, `end` without a close frame, or `reset`. */
  readonly closes: Readonly<Record<string, number>>
  /** Responses by status. */
  readonly statuses: Readonly<Record<string, number>>
}

export class OutcomeCounter {
  bytesSent = 0
  bytesReceived = 0
  connections = 0
  failedConnections = 0
  private readonly closes = new Map<string, number>()
  private readonly statuses = new Map<string, number>()

  closed(how: string): void {
    this.closes.set(how, (this.closes.get(how) ?? 0) + 1)
  }

  answered(status: string): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
  }

  get outcome(): Outcome {
    const { bytesSent, bytesReceived, connections, failedConnections, closes, statuses } = this
    return {
      bytesSent,
      bytesReceived,
      connections,
      failedConnections,
      closes: Object.fromEntries(closes),
      statuses: Object.fromEntries(statuses),
    }
  }
}

/** Rounds of the same flood together. */
export function sum(outcomes: readonly Outcome[]): Outcome {
  const total = (of: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0)
  return {
    bytesSent: total(({ bytesSent }) => bytesSent),
    bytesReceived: total(({ bytesReceived }) => bytesReceived),
    connections: total(({ connections }) => connections),
    failedConnections: total(({ failedConnections }) => failedConnections),
    closes: merge(outcomes.map(({ closes }) => closes)),
    statuses: merge(outcomes.map(({ statuses }) => statuses)),
  }
}

function merge(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const [name, count] of counts.flatMap(count => Object.entries(count))) total[name] = (total[name] ?? 0) + count
  return total
}
