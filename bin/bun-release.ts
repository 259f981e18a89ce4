#!/usr/bin/env bun
/**
 * Writes which Bun `reverb:bun --install` stores, and the SHA-512 of its executables: the constants of php-bridge/Bun/BunRelease.php.
 *
 *     bun bin/bun-release.ts               the version of node_modules, from the npm packages @oven/bun-*
 *     bun bin/bun-release.ts 1.4.6         another version
 *     bun bin/bun-release.ts --check       exits 1 if the Bun of node_modules is none of them
 *     bun bin/bun-release.ts --compare     compares with the archives that GitHub serves: one line for each target; exits 0 if all have
 *                                          one of the hashes, 1 if one has not, 2 if that could not be found out
 *
 * `--compare --add` adds the hashes of GitHub's executables. `--github URL` compares with another server of the same layout, and
 * `--file FILE` uses another file.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { unzipSync } from 'fflate'
import { type Builds, type BunRelease, parse, targets, withRelease } from './lib/bun-release-php.ts'

const root = join(import.meta.dir, '..')
/** Time for one archive of 50 MB. */
const timeoutMs = 300_000

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean' },
    compare: { type: 'boolean' },
    add: { type: 'boolean' },
    github: { type: 'string', default: 'https://github.com/oven-sh/bun/releases/download' },
    file: { type: 'string', default: join(root, 'php-bridge/Bun/BunRelease.php') },
  },
})

const php = readFileSync(options.file, 'utf8')
const current = parse(php)

if (options.check) process.exitCode = check()
else if (options.compare) process.exitCode = await compare()
else write(fromNpm(positionals[0] ?? Bun.version))

function fromNpm(version: string): BunRelease {
  const entries = targets.map(target => {
    const builds = version === current.version ? current.targets[target] : {}
    return [target, { ...builds, ...build(fromPackage(target, version)) }]
  })
  return { version, targets: Object.fromEntries(entries) }
}

/** The executable in the npm package for a target. */
function fromPackage(target: string, version: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'revurb-bun-'))
  try {
    const npm = Bun.spawnSync(['npm', 'pack', '--silent', '--pack-destination', folder, `@oven/bun-${target}@${version}`], {
      stderr: 'inherit',
    })
    const [archive] = readdirSync(folder)
    const tar = Bun.spawnSync(['tar', '-xzOf', join(folder, archive ?? ''), 'package/bin/bun'])
    if (npm.success && tar.success) return tar.stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
  return stop(`npm has no @oven/bun-${target} ${version} with a file package/bin/bun`)
}

async function compare(): Promise<number> {
  const answers: Record<string, Builds | string> = {}
  for (const target of targets) {
    const answer = await fromGitHub(target)
    answers[target] = answer
    const [hash] = typeof answer === 'string' ? [] : Object.keys(answer)
    const result = hash === undefined ? `unreachable: ${answer}` : isKnown(target, hash) ? 'same' : `other hash ${hash}`
    console.log(`${target.padEnd(18)}  ${result}`)
  }
  const found = Object.entries(answers).filter((entry): entry is [string, Builds] => typeof entry[1] !== 'string')
  const others = found.filter(([target, builds]) => !isKnown(target, Object.keys(builds)[0]!))
  if (options.add) {
    const added = found.map(([target, builds]) => [target, { ...current.targets[target], ...builds }])
    write({ ...current, targets: { ...current.targets, ...Object.fromEntries(added) } })
  }
  if (others.length > 0 && !options.add) return 1
  return found.length < targets.length ? 2 : 0
}

function isKnown(target: string, hash: string): boolean {
  return hash in (current.targets[target] ?? {})
}

/** The executable that GitHub serves for a target, or why there is none. */
async function fromGitHub(target: string): Promise<Builds | string> {
  const url = `${options.github}/bun-v${current.version}/bun-${target}.zip`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) return `${url} has answered ${response.status}`
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()), { filter: ({ name }) => /(^|\/)bun$/.test(name) })
    const [file] = Object.values(files)
    return file === undefined ? `${url} holds no file bun` : build(file)
  } catch (error) {
    return `${url}: ${error instanceof Error ? error.message : error}`
  }
}

function check(): number {
  const file = process.execPath
  const hash = Object.keys(build(readFileSync(file)))[0]!
  const faults = [
    ...(withRelease(php, current) === php ? [] : ['it was changed by hand']),
    ...(current.version === Bun.version ? [] : [`it has Bun ${current.version}, and the tests run with ${Bun.version}`]),
    ...(current.version !== Bun.version || targets.some(target => isKnown(target, hash))
      ? []
      : [`it has not the SHA-512 of ${file}`]),
  ]
  if (faults.length > 0) console.error(`${options.file}: ${faults.join('; ')}: run make bun-release`)
  return faults.length > 0 ? 1 : 0
}

function build(executable: Uint8Array): Builds {
  return { [createHash('sha512').update(executable).digest('hex')]: executable.length }
}

function write(release: BunRelease): void {
  writeFileSync(options.file, withRelease(php, release))
}

function stop(message: string): never {
  console.error(message)
  process.exit(1)
}
