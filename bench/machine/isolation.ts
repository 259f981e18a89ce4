/**
 * Runs the load generator on a core of its own and, as root, in a network namespace of its own. There no connection tracking slows
 * down the loopback interface, there are more ports, and the servers cannot be reached from elsewhere.
 */
import { chooseCores, environment } from './cores.ts'

const variable = 'REVURB_BENCH_NETWORK'
const ownNetwork = [
  'ip link set lo up',
  'echo "24000 65535" > /proc/sys/net/ipv4/ip_local_port_range',
  'echo 8192 > /proc/sys/net/core/somaxconn',
  // Connections in TIME_WAIT of one server must not use up the ports of the next.
  'echo 100 > /proc/sys/net/ipv4/tcp_max_tw_buckets',
].join(' && ')
const wantedDescriptors = 131_072

/** Whether this process was started by `runIsolated`. */
export function isIsolated(): boolean {
  return process.env[variable] !== undefined
}

export function hasOwnNetwork(): boolean {
  return process.env[variable] === 'own'
}

/** The address on which servers listen. */
export function listenHost(): string {
  return hasOwnNetwork() ? '0.0.0.0' : '127.0.0.1'
}

/** The addresses to which clients connect. Each address allows as many connections as there are client ports. */
export function serverHosts(): string[] {
  return hasOwnNetwork() ? Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 1}`) : ['127.0.0.1']
}

/** Runs a Bun program in isolation, and forwards SIGTERM to it. @returns its exit code */
export async function runIsolated(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const cores = chooseCores()
  const isOwn = succeeds(['unshare', '--net', 'sh', '-c', ownNetwork])
  const limit = [`--nofile=${wantedDescriptors}:${wantedDescriptors}`]
  const script = `${isOwn ? `${ownNetwork} && ` : ''}ulimit -n "$(ulimit -Hn)" && exec "$@"`
  const command = [
    ...(succeeds(['prlimit', ...limit, 'true']) ? ['prlimit', ...limit] : []),
    ...(isOwn ? ['unshare', '--net'] : []),
    ...['sh', '-c', script, 'sh', 'taskset', '-c', String(cores.load), 'setpriv', '--pdeathsig', 'TERM'],
    ...[process.execPath, '--no-env-file', ...args],
  ]
  const child = Bun.spawn(command, {
    env: { ...process.env, ...environment(cores), ...env, [variable]: isOwn ? 'own' : 'shared' },
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  })
  // A terminal sends Ctrl-C to both processes. This one waits for the exit code of the other.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return child.exited
}

function succeeds(command: string[]): boolean {
  try {
    return Bun.spawnSync(command, { stdout: 'ignore', stderr: 'ignore' }).exitCode === 0
  } catch {
    return false
  }
}
