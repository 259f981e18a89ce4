/** Whether a port is this server's alone, and who has it otherwise. It can be shared for a hand-over, and so it could be taken twice by mistake. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** @throws what Bun throws when somebody listens there already */
export function requireFree(hostname: string, port: number): void {
  if (port !== 0) Bun.listen({ hostname, port, socket: { data() {} } }).stop(true)
}

/**
 * Two that started in the same moment have both found it free. Of those who listen now on the same address only the one
 * with the lowest socket number may stay: each sees the same numbers. Where the system does not tell, nothing is said.
 */
export function hasDuplicateListener(port: number): boolean {
  const own = socketsOf('/proc/self')
  const listening = listeningSockets(port, '/proc')
  const mine = listening.filter(({ inode }) => own.has(inode))
  return mine.some(({ address, inode }) =>
    listening.some(other => !own.has(other.inode) && other.address === address && other.inode < inode),
  )
}

/** A process, as far as this user may know of it. */
export type Holder = { readonly pid: number; readonly program: string }

/**
 * The process because of which this address and port cannot be listened on; undefined where there is none, it is another
 * user's, or the system does not list it. A process may pass its socket on to those that it starts, as PHP does, so of several
 * the oldest one has opened it.
 *
 * @param proc as Linux has it
 */
export function holderOf(port: number, host: string, proc = '/proc'): Holder | undefined {
  const conflicting = listeningSockets(port, proc).filter(({ address }) => conflicts(address.split(':')[0]!, host))
  const inodes = new Set(conflicting.map(({ inode }) => inode))
  if (inodes.size === 0) return undefined
  const pids = list(proc).filter(name => /^\d+$/.test(name) && [...socketsOf(`${proc}/${name}`)].some(inode => inodes.has(inode)))
  const [oldest] = pids
    .map(pid => ({ pid, startedAt: startOf(`${proc}/${pid}`) }))
    .sort((one, two) => one.startedAt - two.startedAt)
  return oldest && { pid: Number(oldest.pid), program: read(`${proc}/${oldest.pid}/comm`).trim() }
}

/** Of a process, in ticks since the system was started; the name of the program is in parentheses, and may hold any. */
function startOf(process: string): number {
  const stat = read(`${process}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[fieldOfStart])
}

/** `starttime` of `/proc/PID/stat`, counted behind the name of the program. */
const fieldOfStart = 19

/** The address of every interface, for IPv4 or IPv6, as Linux writes it. */
const everyAddress = /^0+$/

/** @param address as Linux writes it: the bytes of IPv4 last one first, which an IPv4 address in IPv6 ends with. IPv6 is not compared. */
function conflicts(address: string, host: string): boolean {
  if (everyAddress.test(address) || !/^[\d.]+$/.test(host) || host === '0.0.0.0') return true
  const bytes = host.split('.').map(byte => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
  return address.endsWith(bytes.reverse().join(''))
}

const listen = '0A'

type Listening = { readonly address: string; readonly inode: number }

/** Addresses as Linux writes them, with the port. */
function listeningSockets(port: number, proc: string): Listening[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return [`${proc}/net/tcp`, `${proc}/net/tcp6`].flatMap(file =>
    read(file)
      .split('\n')
      // There may be tens of thousands of others.
      .filter(line => line.includes(`:${hex} `))
      .map(line => line.trim().split(/\s+/))
      .filter(([, address, , state]) => state === listen && address?.endsWith(`:${hex}`))
      .map(fields => ({ address: fields[1]!, inode: Number(fields[9]) })),
  )
}

/** @param process its folder in /proc */
function socketsOf(process: string): Set<number> {
  const links = list(`${process}/fd`).map(fd => link(`${process}/fd/${fd}`))
  return new Set(links.flatMap(text => /^socket:\[(\d+)\]$/.exec(text)?.[1] ?? []).map(Number))
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A descriptor may be closed by the time it is looked at. */
function link(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
