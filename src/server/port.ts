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
export function isTakenTwice(port: number): boolean {
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
 * Who listens on a port, whatever the address; undefined where nobody does, another user does, or the system does not tell. A process
 * may pass its socket on to those that it starts, as PHP does, so of several the oldest one has opened it.
 *
 * @param proc as Linux has it
 */
export function holderOf(port: number, proc = '/proc'): Holder | undefined {
  const inodes = new Set(listeningSockets(port, proc).map(({ inode }) => inode))
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
