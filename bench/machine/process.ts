/** CPU time, memory and descriptors of processes, from /proc. */
import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** User and system time of all threads of these processes. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticks(pid), 0) / ticksPerSecond
}

function ticks(pid: number): number {
  // The command's name is in parentheses and may contain anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** How long a core has been busy with any program, or was taken by another guest of the same host (steal). */
export function coreSeconds(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)`, 'm').exec(readFileSync('/proc/stat', 'utf8'))![1]!
  const [user, nice, system, , , , , steal] = line.split(' ').map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return (user + nice + system + steal) / ticksPerSecond
}

export function rssBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}

/** How many descriptors this process, and each of its children, may open. */
export function descriptors(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))![1])
}
