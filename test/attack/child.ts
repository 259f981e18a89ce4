/**
 * A program in a process of its own, which handles one order at a time. Attackers, probe and audience are processes of their own, so
 * that the operating system schedules them, and none waits for the event loop of another.
 */

import { registerCleanUp } from 'revurb-bench/machine/clean-up.ts'

const realTime = ['chrt', '--rr', '1']

type Answer<Report> = { readonly report: Report } | { readonly error: string }

/** `first`: in real time, where that is permitted. `last`: with the lowest priority. */
export type Priority = 'first' | 'usual' | 'last'

export type ChildOptions = {
  /** The settings of the program, its only argument. */
  readonly settings: object
  readonly priority: Priority
}

export class Child<Order, Report> implements AsyncDisposable {
  private readonly process: Bun.Subprocess<'ignore', 'inherit', 'inherit'>
  private readonly undo: () => Promise<void>
  private pending: PromiseWithResolvers<Report> | undefined

  constructor(program: string, { settings, priority }: ChildOptions) {
    const command = [...prioritized(priority), 'setpriv', '--pdeathsig', 'KILL', process.execPath, '--no-env-file', program]
    this.process = Bun.spawn([...command, JSON.stringify(settings)], {
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'inherit',
      ipc: answer => this.take(answer as Answer<Report>),
      onExit: (_, code, signal) => this.pending?.reject(new Error(`${program} has ended with ${code ?? signal}`)),
    })
    this.undo = registerCleanUp(async () => {
      this.process.kill('SIGKILL')
      await this.process.exited
    })
  }

  /** @throws what the program throws, or that it has ended */
  order(order: Order): Promise<Report> {
    if (this.process.exitCode !== null) throw new Error('a process that has ended takes no orders')
    this.pending = Promise.withResolvers<Report>()
    this.process.send({ order })
    return this.pending.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.undo()
  }

  private take(answer: Answer<Report>): void {
    const { pending } = this
    this.pending = undefined
    if ('error' in answer) pending?.reject(new Error(answer.error))
    else pending?.resolve(answer.report)
  }
}

/** Handles every order in the program's process. */
export function handleOrders<Order, Report>(act: (order: Order) => Promise<Report>): void {
  process.on('message', async ({ order }: { order: Order }) => {
    const answer = await act(order).then(
      report => ({ report }),
      (error: Error) => ({ error: error.message }),
    )
    process.send?.(answer)
  })
}

/** The settings that the program was started with. */
export function settings<Settings>(): Settings {
  return JSON.parse(process.argv[2] ?? '{}') as Settings
}

function prioritized(priority: Priority): string[] {
  if (priority === 'last') return ['nice', '-n', '19']
  return priority === 'first' && isPermitted(realTime) ? realTime : []
}

/** Root may use real-time priorities, but not in every container. */
function isPermitted(command: readonly string[]): boolean {
  try {
    return Bun.spawnSync([...command, 'true'], { stdout: 'ignore', stderr: 'ignore' }).exitCode === 0
  } catch {
    return false
  }
}
