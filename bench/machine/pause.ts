/** Stops processes where they are, and lets them go on. */

/** They have nothing of any core until they are resumed. */
export function pause(pids: readonly number[]): void {
  signal(pids, 'SIGSTOP')
}

export function resume(pids: readonly number[]): void {
  signal(pids, 'SIGCONT')
}

/** One that has ended is noticed by what it does not answer. */
function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
