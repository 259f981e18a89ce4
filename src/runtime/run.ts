/** The life of the process: start, ready, drain, stop. */
import { constants } from 'node:os'
import { version } from '../../package.json'
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { Config, RestartFlag } from '../config/config.ts'
import { sentence } from '../config/places.ts'
import { authority, hostInUrl } from '../server/address.ts'
import { lines } from '../server/lines.ts'
import type { RefusalReport } from '../server/refusals.ts'
import { type RunningServer, type ServerOptions, startServer } from '../server/server.ts'
import { banner } from './banner.ts'
import { execute } from './commands.ts'
import { parseCommand } from './control.ts'
import { debugAnswer, debugWatcher } from './debug.ts'
import { readDocument } from './document.ts'
import { drain } from './drain.ts'
import { EventStream } from './events.ts'
import { exitCode } from './exit-code.ts'
import { causeOf, failed, listenError } from './failure.ts'
import { HandOver } from './hand-over.ts'
import { droppedLine, type Log, type LogFormat, logFormat, openLog } from './log.ts'
import { Output } from './output.ts'
import { prepare } from './prepare.ts'
import { logRefusal } from './refusals.ts'
import { flagRaised, redisFlag } from './restart-flag.ts'
import { scale } from './scale.ts'
import { isIgnored } from './signals.ts'
import { StatusReport } from './status.ts'
import { clientText } from './text.ts'

/** How long a parent that does not read may hold the end up. */
const unreadMs = 500
const statusEveryMs = 1000

/** Serves until a signal comes or the parent goes. Resolves with the exit code. @param chosen see `logFormat` */
export async function run(configFile: string | undefined, chosen: LogFormat | undefined): Promise<number> {
  const format = logFormat(chosen)
  // It may have gone by the time that anybody asks.
  const parent = process.ppid
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
    if (scaling !== null) await scale(server.cluster, scaling, log)
    const handOver = new HandOver(server.cluster, log)
    if (config.handOver !== null)
      await handOver.succeed(config.handOver.peerPath, moved => format === 'json' && reportMoved(output, moved))
    server.traffic.open()
    // Whoever hears that it is ready may end it in the same moment.
    const told = untilTold({ server, handOver, events, parent, log }, input)
    if (format === 'json') announce(output, server, config)
    else log.info(startLine(server, config), undefined, 'server-started')
    if (format === 'json') reportStatus(output, server, config)
    const running = { version, bun: Bun.version, pid: process.pid, descriptors: server.descriptors }
    for (const [code, text] of banner(config, running)) log.info(text, undefined, code)
    await Promise.race([told, ...(restart === null ? [] : [restarted(restart, log)])])
    const [ending, code] = server.traffic.hasSuccessor() ? ['Draining', 'server-draining'] : ['Stopping', 'server-stopping']
    log.info(ending, { sockets: server.traffic.openSockets() }, code)
    await drain(server.traffic, config.drainSeconds, Bun.sleep, sockets => handOver.reportMoved(sockets))
    log.info('Stopped', undefined, 'server-stopped')
    await heard(output, events)
    return exitCode.stopped
  } catch (error) {
    return failed(error, log)
  }
}

/** Resolves once the parent has been sent the last log lines and events. */
async function heard(output: Output, events: EventStream): Promise<void> {
  await new Promise<void>(resolve => void setImmediate(resolve))
  events.end()
  await Promise.race([output.taken(), Bun.sleep(unreadMs)])
}

/** Once it serves, nothing that nobody foresaw may end it: it is said, with its cause, and the server goes on. */
function listen(config: Config, tls: Bun.TLSOptions | null, events: EventStream, log: Log): RunningServer {
  const unexpected = (error: unknown, where: string) =>
    log.error('Unexpected error', { where: clientText(where), error: causeOf(error) }, 'unexpected-error')
  const watchers = [...(config.debug ? [debugWatcher(log)] : []), ...(config.events.size > 0 ? [events.watcher] : [])]
  const apps = () => server.admin.apps
  const onAnswer = config.debug ? debugAnswer(log, apps) : undefined
  const onRefusal = (report: RefusalReport) => logRefusal(report, apps(), log)
  const server = open({ config, tls, watchers, onRefusal, onAnswer, unexpected })
  process.on('uncaughtException', error => unexpected(error, 'process'))
  process.on('unhandledRejection', error => unexpected(error, 'process'))
  // The parent has stopped reading: its end comes as the end of stdin.
  process.stdout.on('error', () => {})
  return server
}

/** The server's clock is monotonic, so the time of day is counted back from now: it may have been set since the start. */
function unixSeconds(ms: number): number {
  return Math.floor((Date.now() - performance.now() + ms) / 1000)
}

function open(options: ServerOptions): RunningServer {
  try {
    return startServer(options)
  } catch (error) {
    throw listenError(error, options.config)
  }
}

function startLine({ host, port }: RunningServer, { tls, path }: Config): string {
  return `Starting ${tls === null ? '' : 'secure '}server on ${authority(host, port)}${path}`
}

function announce(output: Output, { host, port }: RunningServer, { tls }: Config): void {
  const secure = tls !== null
  output.send(JSON.stringify({ type: 'ready', host: hostInUrl(host), port, secure, pid: process.pid, version, bun: Bun.version }))
}

/** The server before this one has sent its last sockets here. */
function reportMoved(output: Output, sockets: number): void {
  output.send(JSON.stringify({ type: 'moved', sockets }))
}

function reportStatus(output: Output, { traffic, cluster }: RunningServer, { scaling }: Config): void {
  const report = new StatusReport(
    () => ({ sockets: traffic.openSockets(), redis: scaling === null ? 'unused' : cluster.reach }),
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
  readonly parent: number
  readonly log: Log
}

/** Resolves at the first signal, or when the parent has gone. A second signal ends the process at once. */
function untilTold(commanded: Commanded, input: AsyncGenerator<string> | undefined): Promise<void> {
  return new Promise(resolve => {
    let told = false
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTSTP', 'SIGQUIT'] as const) {
      process.on(signal, () => {
        if (told) process.exit(128 + constants.signals[signal])
        told = true
        resolve()
      })
    }
    // A closed terminal and its shell both send SIGHUP, so that it never counts as the second signal. A parent receives it too, and
    // decides whether the server stops: under `nohup`, which has it ignored, both keep running.
    if (input !== undefined) process.on('SIGHUP', () => {})
    else if (!isIgnored(constants.signals.SIGHUP)) process.on('SIGHUP', resolve)
    // The parent's own way to ask: a terminal may have sent a signal to every process of the group before it.
    process.on('SIGUSR2', resolve)
    if (input !== undefined) void obey(commanded, input).then(resolve)
  })
}

/** Whoever runs it, as a container's restart policy, brings the next one. */
async function restarted(flag: RestartFlag<RedisAddress>, log: Log): Promise<void> {
  await flagRaised(await redisFlag(flag, Bun.sleep), log, Bun.sleep)
  log.info('A restart was asked for', undefined, 'restart-asked')
}

/** Carries out the parent's commands until it goes. */
async function obey({ server, handOver, events, parent, log }: Commanded, input: AsyncGenerator<string>): Promise<void> {
  for await (const line of input) {
    const command = parseCommand(line)
    if (command?.command === 'hand-over') return handOver.outlive(command.peer, parent)
    if (command?.command === 'events-announced') events.acknowledge()
    else execute(command, server.admin, log)
  }
  events.inputEnded()
}
