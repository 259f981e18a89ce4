/** What a release asks git, in the current directory. */

type Options = { readonly env?: Record<string, string>; readonly input?: Uint8Array }

/** The output of a command of git, without the line breaks at its end. */
export function git(args: readonly string[], options: Options = {}): string {
  return new TextDecoder().decode(gitBytes(args, options)).trimEnd()
}

export function gitBytes(args: readonly string[], { env = {}, input }: Options = {}): Uint8Array {
  const { exitCode, stdout, stderr } = Bun.spawnSync(['git', ...args], {
    env: { ...process.env, ...env },
    stdin: input ?? 'ignore',
  })
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${exitCode}: ${stderr.toString().trim()}`)
  return stdout
}

/** The commit that a tag names. */
export function taggedCommit(tag: string): string | undefined {
  const { exitCode, stdout } = Bun.spawnSync(['git', 'rev-parse', '--quiet', '--verify', `refs/tags/${tag}^{commit}`])
  return exitCode === 0 ? stdout.toString().trim() : undefined
}
