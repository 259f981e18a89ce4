/** Stops processes with SIGSTOP, and resumes them with SIGCONT. */

export function pause(pids: readonly number[]): void {
  signal(pids, 'SIGSTOP')
}

export function resume(pids: readonly number[]): void {
  signal(pids, 'SIGCONT')
}

/** A process that has exited is ignored here, because its missing responses are noticed anyway. */
function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
