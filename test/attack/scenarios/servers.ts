/** The servers of a scenario, and the processes that measure them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app } from 'revurb-bench/load/app.ts'
import { type Address, Client } from 'revurb-bench/load/client.ts'
import type { Server } from 'revurb-bench/targets/target.ts'
import { signedQuery } from '../../support/sign.ts'
import { until } from '../../support/until.ts'
import { Child, type Priority } from '../child.ts'
import type { ProbeReport } from '../probe/probe.ts'
import type { ProbeOrder, ProbeSettings } from '../probe/program.ts'
import type { SubscriberReport } from '../subscribers/program.ts'
import { startTarget } from '../target.ts'

/** How long a backlog may take to be delivered, and /ready to be OK, when the publisher has ended. */
export const timeoutMs = 30_000
const lookMs = 50

/** Starts the program of a role (`test/attack/ROLE/program.ts`) in a process of its own. */
export function start<Order, Report>(role: string, settings: object, priority: Priority): Child<Order, Report> {
  return new Child(join(import.meta.dir, '..', role, 'program.ts'), { settings, priority })
}

/** A probe that only pings: its events would be counted with those of the scenario. */
export function pinging(at: Address): Child<ProbeOrder, ProbeReport> {
  return start('probe', { at, postsPerSecond: 0 } satisfies ProbeSettings, 'first')
}

/** A server whose whole log is kept. */
export class LoggedServer implements AsyncDisposable {
  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async started(directory: string, settings: Omit<Parameters<typeof startTarget>[1] & {}, 'log'>): Promise<LoggedServer> {
    const folder = mkdtempSync(join(tmpdir(), 'revurb-attack-'))
    try {
      return new LoggedServer(await startTarget(directory, { ...settings, log: join(folder, 'log') }), folder)
    } catch (error) {
      rmSync(folder, { recursive: true })
      throw error
    }
  }

  get at(): Address {
    return this.server.at[0]!
  }

  get pid(): number {
    return this.server.pids[0]!
  }

  /** Stops it as an operator does. When it has ended, it has logged all its counts. */
  async stop(): Promise<void> {
    process.kill(this.pid, 'SIGTERM')
    await until('the server has ended', () => !existsSync(`/proc/${this.pid}`))
  }

  /** Log lines with that code so far. */
  logged(code: string): Record<string, unknown>[] {
    const lines = readFileSync(join(this.folder, 'log'), 'utf8').split('\n')
    return lines
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line))
      .filter(line => line.code === code)
  }

  async isReady(): Promise<boolean> {
    const response = await fetch(`http://${this.at.host}:${this.at.port}/ready`)
    return ((await response.json()) as { health: string }).health === 'OK'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Resolves when an event that is published on the first server reaches clients of the second. */
export async function areConnected(first: LoggedServer, second: LoggedServer): Promise<void> {
  const channel = 'connected'
  let isReached = false
  const client = await Client.subscribed({ at: second.at, channels: [channel] }, () => {
    isReached = true
  })
  await until('an event reaches the other server', async () => {
    await publish(first.at, channel)
    return isReached
  })
  client.reset()
}

/** Waits for the last event of every stream; an event that has not arrived before it is lost. */
export async function lastArrived(
  subscribers: Child<object, SubscriberReport[]>,
  last: readonly number[],
): Promise<SubscriberReport[]> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const reports = await subscribers.order({})
    if (reports.every(report => Bun.deepEquals(report.last, last)) || performance.now() > deadline) return reports
    await Bun.sleep(lookMs)
  }
}

async function publish({ host, port }: Address, channel: string): Promise<void> {
  const path = `/apps/${app.id}/events`
  const body = JSON.stringify({ name: 'event', channel, data: '{}' })
  const query = signedQuery(app, { method: 'POST', path, body })
  await fetch(`http://${host}:${port}${path}?${query}`, { method: 'POST', body })
}
