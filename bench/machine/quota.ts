/** Limits processes to a share of a core, by control groups. Needs root on Linux. */
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A short period throttles a process evenly, for a few milliseconds at a time. */
const periodUs = 10_000

/** Control groups version 1 and 2: the root folder, and the files that set a quota. */
const versions = [
  {
    root: '/sys/fs/cgroup/cpu',
    files: (quotaUs: number) => ({ 'cpu.cfs_period_us': `${periodUs}`, 'cpu.cfs_quota_us': `${quotaUs}` }),
  },
  { root: '/sys/fs/cgroup', files: (quotaUs: number) => ({ 'cpu.max': `${quotaUs} ${periodUs}` }) },
]

/** Limits each process to that share. @returns a function that removes the limits after the processes have exited */
export function limitEach(pids: readonly number[], share: number): () => void {
  const folders = pids.map(pid => limit(pid, share))
  return () => {
    for (const folder of folders) rmdirSync(folder)
  }
}

/** Whether this process may create control groups. */
export function hasQuotas(): boolean {
  const root = versions.find(({ root }) => existsSync(root))?.root
  try {
    accessSync(root ?? '', constants.W_OK)
    return true
  } catch {
    return false
  }
}

function limit(pid: number, share: number): string {
  const version = versions.find(({ root }) => existsSync(root))
  if (version === undefined) throw new Error('no control groups here: a share of a core needs Linux')
  const folder = join(version.root, `revurb-bench-${pid}`)
  mkdirSync(folder)
  for (const [file, value] of Object.entries(version.files(Math.round(share * periodUs))))
    writeFileSync(join(folder, file), value)
  writeFileSync(join(folder, 'cgroup.procs'), String(pid))
  return folder
}
