/** A share of one core for a process, by the kernel's control groups. Needs root and Linux. */
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Short, so that a process is held back evenly and not for long. */
const periodUs = 10_000

/** The older and the newer tree: where it is, and how it writes a share. */
const trees = [
  {
    root: '/sys/fs/cgroup/cpu',
    files: (quotaUs: number) => ({ 'cpu.cfs_period_us': `${periodUs}`, 'cpu.cfs_quota_us': `${quotaUs}` }),
  },
  { root: '/sys/fs/cgroup', files: (quotaUs: number) => ({ 'cpu.max': `${quotaUs} ${periodUs}` }) },
]

/** Gives each of these processes that share, of its own. @returns what takes it away again, once they have ended */
export function limitEach(pids: readonly number[], share: number): () => void {
  const folders = pids.map(pid => limit(pid, share))
  return () => {
    for (const folder of folders) rmdirSync(folder)
  }
}

/** Whether this process may do that. */
export function hasQuotas(): boolean {
  const root = trees.find(({ root }) => existsSync(root))?.root
  try {
    accessSync(root ?? '', constants.W_OK)
    return true
  } catch {
    return false
  }
}

function limit(pid: number, share: number): string {
  const tree = trees.find(({ root }) => existsSync(root))
  if (tree === undefined) throw new Error('no control groups here: a share of a core needs Linux')
  const folder = join(tree.root, `revurb-bench-${pid}`)
  mkdirSync(folder)
  for (const [file, value] of Object.entries(tree.files(Math.round(share * periodUs)))) writeFileSync(join(folder, file), value)
  writeFileSync(join(folder, 'cgroup.procs'), String(pid))
  return folder
}
