/** A cache folder for third-party servers, outside of the repository. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export function cached(name: string): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'revurb-bench', name)
}

/** Runs an installer. @throws with the end of its output */
export async function run(command: string[], cwd: string, seconds = 300): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', timeout: seconds * 1000 })
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  if (code !== 0) throw new Error(`${command.join(' ')}: ${(stderr + stdout).trim().slice(-600)}`)
}
