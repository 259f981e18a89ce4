/** The life of the process: it starts, reports that it is ready, serves, drains and stops. */
import { constants } from 'node:os'
import { version } from '../../package.json'
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { Config, RestartFlag } from '../config/config.ts'
import { sentence } from '../config/places.ts'
import { authority, hostInUrl } from '../server/address.ts'
import { clockMs } from '../server/clock.ts'
import type { RefusalReport } from '../server/refusals.ts'
import { type RunningServer, type ServerOptions, startServer } from '../server/server.ts'
import { banner } from './banner.ts'
import { execute } from './commands.ts'
import { parseCommand } from './control.ts'
import { debugAnswer, debugObserver } from './debug.ts'
import { readDocument } from './document.ts'
import { drain } from './drain.ts'
import { EventStream } from './events.ts'
import { exitCode } from './exit-code.ts'
import { causeOf, listenError, reportFailure } from './failure.ts'
import { HandOver } from './hand-over.ts'
import { lines } from './lines.ts'
import { droppedLine, type Log, type LogFormat, logFormat, openLog } from './log.ts'
import { Output } from './output.ts'
import { prepare } from './prepare.ts'
import { logRefusal } from './refusals.ts'
import { redisFlag, restartRequest } from './restart-flag.ts'
import { scale } from './scale.ts'
import { isIgnored } from './signals.ts'
import { StatusReport } from './status.ts'
import { clientText } from './text.ts'

/** How long the process waits at its end for a parent that does not read its output. */
const unreadMs = 500
const statusEveryMs = 1000

/**
 * Serves until a signal arrives, a restart is requested or the parent exits. Resolves with the exit code.
 *
 * @param chosen see `logFormat`
 */
export async function run(configFile: string | undefined, chosen: LogFormat | undefined): Promise<number> {
  const format = logFormat(chosen)
  // Read at the start: the parent may have exited by the time at which this is needed.
  const parentPid = process.ppid
  const input = configFile === undefined ? lines(process.stdin) : undefined
  const output = new Output(process.stdout, droppedLine(format))
  let log = await openLog(output, false, format)
  try {
    const { config, warnings, tls, scaling, restart } = await prepare(await readDocument(configFile, input, log), new Date())
    log = await openLog(output, config.debug, format)
    for (const warning of warnings) log.warn(sentence(warning), undefined, 'config-warning')
    const events = new EventStream(
      config.events,
      output,
      config.acknowledgesEvents,
      flush => void setImmediate(flush),
      unixSeconds,
    )
    const server = listen(config, tls, events, log)
    const handOver = new HandOver(server.membership, log)
    if (scaling !== null) await scale(server.membership, scaling, log)
    if (config.handOver !== null)
      await handOver.takeOver(config.handOver.socketPath, moved => format === 'json' && announceMoved(output, moved))
    server.traffic.open()
    // Signals are handled before the server is reported as ready: a parent may stop it as soon as it reads that.
    const shutdown = shutdownRequest({ server, handOver, events, parentPid, log }, input)
    if (format === 'json') announceReady(output, server, config)
    else log.info(startLine(server, config), undefined, 'server-started')
    if (format === 'json') reportStatus(output, server, config)
    const running = { version, bun: Bun.version, pid: process.pid, descriptors: server.descriptors }
    for (const [code, text] of banner(config, running)) log.info(text, undefined, code)
    await Promise.race([shutdown, ...(restart === null ? [] : [watchedRestart(restart, log)])])
    await shutDown(server, config, handOver, log)
    await flushOutput(output, events)
    return exitCode.stopped
  } catch (error) {
    return reportFailure(error, log)
  }
}

async function shutDown({ traffic }: RunningServer, { drainSeconds }: Config, handOver: HandOver, log: Log): Promise<void> {
  await handOver.waitUntilVerified()
  const [message, code] = traffic.hasSuccessor() ? ['Draining', 'server-draining'] : ['Stopping', 'server-stopping']
  log.info(message, { sockets: traffic.openSockets() }, code)
  await drain(traffic, drainSeconds, Bun.sleep, sockets => handOver.reportMoved(sockets))
  log.info('Stopped', undefined, 'server-stopped')
}

/** Resolves once the parent has been sent the last log lines and events. */
async function flushOutput(output: Output, events: EventStream): Promise<void> {
  await new Promise<void>(resolve => void setImmediate(resolve))
  events.end()
  await Promise.race([output.taken(), Bun.sleep(unreadMs)])
}

/** Starts the server. From then on an unexpected error is logged with its cause, and does not end the process. */
function listen(config: Config, tls: Bun.TLSOptions | null, events: EventStream, log: Log): RunningServer {
  const unexpected = (error: unknown, where: string) =>
    log.error('Unexpected error', { where: clientText(where), error: causeOf(error) }, 'unexpected-error')
  const observers = [...(config.debug ? [debugObserver(log)] : []), ...(config.events.size > 0 ? [events.observer] : [])]
  const apps = () => server.admin.apps
  const onAnswer = config.debug ? debugAnswer(log, apps) : undefined
  const onRefusal = (report: RefusalReport) => logRefusal(report, apps(), log)
  const server = startOrExplain({ config, tls, observers, onRefusal, onAnswer, unexpected })
  process.on('uncaughtException', error => unexpected(error, 'process'))
  process.on('unhandledRejection', error => unexpected(error, 'process'))
  // Occurs where the parent no longer reads. That it has exited shows in the end of stdin.
  process.stdout.on('error', () => {})
  return server
}

/** The time of day is computed from the present one, which may have been set since the start of the server's clock. */
function unixSeconds(ms: number): number {
  return Math.floor((Date.now() - clockMs() + ms) / 1000)
}

/** @throws CannotListen, with what to do about it */
function startOrExplain(options: ServerOptions): RunningServer {
  try {
    return startServer(options)
  } catch (error) {
    throw listenError(error, options.config)
  }
}

function startLine({ host, port }: RunningServer, { tls, path }: Config): string {
  return `Starting ${tls === null ? '' : 'secure '}server on ${authority(host, port)}${path}`
}

function announceReady(output: Output, { host, port }: RunningServer, { tls }: Config): void {
  const secure = tls !== null
  output.send(JSON.stringify({ type: 'ready', host: hostInUrl(host), port, secure, pid: process.pid, version, bun: Bun.version }))
}

/** The server that hands over has sent its last sockets to this one. */
function announceMoved(output: Output, sockets: number): void {
  output.send(JSON.stringify({ type: 'moved', sockets }))
}

function reportStatus(output: Output, { traffic, membership }: RunningServer, { scaling }: Config): void {
  const report = new StatusReport(
    () => ({ sockets: traffic.openSockets(), redis: scaling === null ? 'unused' : membership.connection }),
    line => output.offer(line),
  )
  report.tick(performance.now())
  setInterval(() => report.tick(performance.now()), statusEveryMs).unref()
}

/** What the parent's commands act on. */
type Commanded = {
  readonly server: RunningServer
  readonly handOver: HandOver
  readonly events: EventStream
  readonly parentPid: number
  readonly log: Log
}

/** Resolves at the first signal, or when the parent has exited. A second signal ends the process at once. */
function shutdownRequest(commanded: Commanded, input: AsyncGenerator<string> | undefined): Promise<void> {
  return new Promise(resolve => {
    let isRequested = false
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTSTP', 'SIGQUIT'] as const) {
      process.on(signal, () => {
        if (isRequested) process.exit(128 + constants.signals[signal])
        isRequested = true
        resolve()
      })
    }
    // A closed terminal and its shell both send SIGHUP, so that it never counts as the second signal. A parent receives it too, and
    // decides whether the server stops: under `nohup`, which has it ignored, both keep running.
    if (input !== undefined) process.on('SIGHUP', () => {})
    else if (!isIgnored(constants.signals.SIGHUP)) process.on('SIGHUP', resolve)
    // The signal by which the parent stops the server: a terminal may have sent any other to every process of the group before.
    process.on('SIGUSR2', resolve)
    if (input !== undefined) void executeCommands(commanded, input).then(resolve)
  })
}

/** Resolves once `reverb:restart` has requested a restart: what runs this process, as a container's restart policy, starts the next. */
async function watchedRestart(flag: RestartFlag<RedisAddress>, log: Log): Promise<void> {
  await restartRequest(await redisFlag(flag, Bun.sleep), log, Bun.sleep)
  log.info(
    'A restart was requested by reverb:restart: this server stops, for its process manager to start it again',
    undefined,
    'restart-asked',
  )
}

/** Executes the parent's commands until the parent has exited. */
async function executeCommands(
  { server, handOver, events, parentPid, log }: Commanded,
  input: AsyncGenerator<string>,
): Promise<void> {
  for await (const line of input) {
    const command = parseCommand(line)
    if (command?.command === 'hand-over') return handOver.handOver(command.socketPath, parentPid)
    if (command?.command === 'events-announced') events.acknowledge()
    else execute(command, server.admin, log)
  }
  events.inputEnded()
}
