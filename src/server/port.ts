/**
 * Finds out whether another process listens on a port, and which. Servers open their port with `SO_REUSEPORT`, for hand-overs, so that
 * the system does not refuse a second one.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** @throws what Bun throws when another process listens there already */
export function requireFree(hostname: string, port: number): void {
  if (port !== 0) Bun.listen({ hostname, port, socket: { data() {} } }).stop(true)
}

/**
 * Returns whether another process that listens on the same address goes first. Two servers that start at the same moment both find
 * the port free. Only the one with the lowest socket number may stay: both see the same numbers. Returns false where the system does
 * not list sockets.
 */
export function hasDuplicateListener(port: number): boolean {
  const own = socketsOf('/proc/self')
  const listening = listeningSockets(port, '/proc')
  const mine = listening.filter(({ inode }) => own.has(inode))
  return mine.some(({ address, inode }) =>
    listening.some(other => !own.has(other.inode) && other.address === address && other.inode < inode),
  )
}

/** A process, as far as this user may see it. */
export type Holder = { readonly pid: number; readonly program: string }

/**
 * Returns the process that listens on this address and port; undefined where there is none, it is another user's, or the system does
 * not list it. A process may pass its socket on to those that it starts, as PHP does: of several, the oldest has opened it.
 *
 * @param proc the folder that Linux has at /proc
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

/** Returns when a process started, in ticks since the system did. The name of the program is in parentheses, and may hold some. */
function startOf(process: string): number {
  const stat = read(`${process}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[fieldOfStart])
}

/** The index of `starttime` in `/proc/PID/stat`, counted from the field after the name of the program. */
const fieldOfStart = 19

/** The address of all interfaces, of IPv4 or IPv6, as Linux writes it. */
const everyAddress = /^0+$/

/** @param address as Linux writes it: IPv4 with its last byte first, at the end also of an IPv4 address in IPv6. IPv6 always conflicts. */
function conflicts(address: string, host: string): boolean {
  if (everyAddress.test(address) || !/^[\d.]+$/.test(host) || host === '0.0.0.0') return true
  const bytes = host.split('.').map(byte => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
  return address.endsWith(bytes.reverse().join(''))
}

/** The state of a listening socket in `/proc/net/tcp`. */
const listen = '0A'

type Listening = { readonly address: string; readonly inode: number }

/** Lists the sockets that listen on a port, with their addresses as Linux writes them. */
function listeningSockets(port: number, proc: string): Listening[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return [`${proc}/net/tcp`, `${proc}/net/tcp6`].flatMap(file =>
    read(file)
      .split('\n')
      // The file may have tens of thousands of other lines: only these are split.
      .filter(line => line.includes(`:${hex} `))
      .map(line => line.trim().split(/\s+/))
      .filter(([, address, , state]) => state === listen && address?.endsWith(`:${hex}`))
      .map(fields => ({ address: fields[1]!, inode: Number(fields[9]) })),
  )
}

/** @param process the folder of a process in /proc */
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

/** Returns an empty text where the descriptor was closed meanwhile. */
function link(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
