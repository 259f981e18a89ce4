#!/usr/bin/env bun
/** `make release`: the package as users get it. Refuses what must not become a release, and says what to do with the result. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { version } from '../package.json'
import { type Commit, readAnywhere, releaseCommit, tagOf } from './lib/release/commit.ts'
import { distribution } from './lib/release/distribution.ts'
import { type Outcome, releaseNotes } from './lib/release/notes.ts'
import { archiveOf, filesOf, writePackage } from './lib/release/package.ts'
import { changedSince, section, taggedElsewhere } from './lib/release/refusals.ts'

const usage = `make release [RELEASE="…"], or bin/release …

  bin/release              checks and tests everything, and writes build/release, build/revurb-${version}.zip and build/release-notes.md
  bin/release DIRECTORY    writes the package alone, to a new folder: what is committed, and the server as src/ has it
  --skip suite,bun         leaves out the release suite, or the comparison of Bun's hashes with GitHub, for a trial; the notes say so
  --help`

const root = join(import.meta.dir, '..')
const skippable = ['suite', 'bun'] as const
type Skippable = (typeof skippable)[number]

/** Exit codes of `bin/bun-release.ts --compare`. */
const comparisons: Readonly<Record<number, Outcome>> = { 0: 'done', 2: 'impossible' }

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  process.exit(refused([(error as Error).message]))
}

async function main(args: string[]): Promise<number> {
  const options = parsed(args)
  if (typeof options === 'string') {
    console.error(options)
    return 2
  }
  if (options.help) {
    console.log(usage)
    return 0
  }
  const folder = options.folder === undefined ? undefined : resolve(options.folder)
  // What is built must depend neither on the place of the checkout, nor on the zone of this machine.
  process.chdir(root)
  process.env.TZ = 'UTC'
  if (folder === undefined) return release(options.skipped)
  writePackage(releaseCommit(version, await distribution()).id, folder)
  return 0
}

type Options = { readonly help: boolean; readonly folder?: string; readonly skipped: ReadonlySet<Skippable> }

function parsed(args: string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { skip: { type: 'string', default: '' }, help: { type: 'boolean', default: false } },
    })
    const skipped = values.skip.split(',').filter(name => name !== '')
    const unknown = skipped.filter(name => !skippable.includes(name as Skippable))
    if (unknown.length > 0) throw new Error(`--skip knows ${skippable.join(' and ')}, not ${unknown.join(', ')}`)
    if (positionals.length > 1) throw new Error('There can be one folder')
    const [folder] = positionals
    if (folder !== undefined && existsSync(folder) && !isEmptyFolder(folder))
      throw new Error(`${folder} is there, and is not an empty folder: name another one`)
    return {
      help: values.help,
      ...(folder !== undefined && { folder }),
      skipped: new Set(skipped as Skippable[]),
    }
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`
  }
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0
}

async function release(skipped: ReadonlySet<Skippable>): Promise<number> {
  // What is refused must leave nothing behind that looks like a release.
  for (const old of ['release', 'release-notes.md', ...archives()]) rmSync(join('build', old), { recursive: true, force: true })
  const changes = section(version)
  if (Array.isArray(changes)) return refused(changes)
  done(`CHANGELOG.md has Revurb ${version} of ${changes.date}, and everything is committed`)

  const built = await distribution()
  done(`The server is bundled with Bun ${Bun.version}, its licences and its bill of materials are written`)
  const commit = releaseCommit(version, built)
  const tagged = taggedElsewhere(version, commit.id)
  if (tagged.length > 0) return refused(tagged)
  done(`The tag ${tagOf(version)} is free, or at this release`)

  const suite = skipped.has('suite') ? 'skipped' : await passed([process.execPath, 'test/run.ts', 'release'])
  if (suite === undefined) return refused(['The release suite has failed'])
  said('The release suite', suite)
  const changed = changedSince(commit.source)
  if (changed.length > 0) return refused(changed)

  const comparison = skipped.has('bun') ? 'skipped' : await compared()
  if (comparison === undefined)
    return refused(["Bun's hashes in php-bridge/Bun/BunRelease.php are not those of this Bun, or of GitHub"])
  said("The comparison of Bun's hashes with GitHub", comparison)

  const script = built[0]!
  writeRelease(commit, archive =>
    releaseNotes({
      version,
      changes: readAnywhere(changes.text, version),
      commit,
      archive,
      script: { name: `dist/${script.name}`, sha512: sha512(script.content) },
      bun: Bun.version,
      suite,
      comparison,
    }),
  )
  const isTrial = suite === 'skipped' || comparison === 'skipped'
  console.log(isTrial ? '\nThis is a trial: something was skipped.' : `\n${nextCommands(commit)}`)
  return 0
}

function writeRelease(commit: Commit, notes: (archive: { name: string; sha512: string }) => string): void {
  const archive = `revurb-${version}.zip`
  mkdirSync('build', { recursive: true })
  writePackage(commit.id, 'build/release')
  const files = filesOf('build/release')
  const bytes = files.reduce((sum, file) => sum + Bun.file(join('build/release', file)).size, 0)
  done(`build/release: ${files.length} files, ${Math.round(bytes / 1000)} KB`)
  const content = archiveOf('build/release', commit.date)
  writeFileSync(join('build', archive), content)
  done(`build/${archive}: ${Math.round(content.length / 1000)} KB, SHA-512 ${sha512(content)}`)
  writeFileSync('build/release-notes.md', notes({ name: archive, sha512: sha512(content) }))
  done('build/release-notes.md')
}

function archives(): string[] {
  return existsSync('build') ? [...new Bun.Glob('revurb-*.zip').scanSync('build')] : []
}

function nextCommands({ id }: Commit): string {
  const tag = tagOf(version)
  return `Next, when you have read build/release-notes.md:

    git tag -a ${tag} -m 'Revurb ${version}' ${id}
    git push origin HEAD ${tag}`
}

/** Whether the Bun that has bundled and tested the server is the one that the package stores, and that GitHub serves. */
async function compared(): Promise<Outcome | undefined> {
  const tool = [process.execPath, 'bin/bun-release.ts']
  return (await passed([...tool, '--check'])) && passed([...tool, '--compare'], comparisons)
}

/** Runs a command with its output, and names what its exit code stands for. */
async function passed<T extends Outcome = 'done'>(
  command: string[],
  codes: Readonly<Record<number, T | 'done'>> = { 0: 'done' },
) {
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' })
  return codes[await child.exited]
}

function refused(reasons: readonly string[]): number {
  console.error(`This is no release yet:\n\n${reasons.map(reason => `  - ${reason}`).join('\n')}`)
  return 1
}

function said(what: string, outcome: Outcome): void {
  if (outcome === 'done') done(`${what} has passed`)
  else console.log(`! ${what} ${outcome === 'skipped' ? 'was left out' : 'was not possible'}: the notes say so`)
}

function done(what: string): void {
  console.log(`✓ ${what}`)
}

function sha512(content: Uint8Array): string {
  return createHash('sha512').update(content).digest('hex')
}
