/** The package as a folder and as an archive, from the commit of a release. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Zippable, zipSync } from 'fflate'
import { gitBytes } from './git.ts'

/** `os` of an entry that has permissions of Unix (APPNOTE.TXT of PKWARE, 4.4.2). */
const unix = 3
const regularFile = 0o100_000

/** Writes what an archive of the commit has, which is what Packagist and GitHub hand out, to a folder that is new or empty. */
export function writePackage(commit: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const { exitCode, stderr } = Bun.spawnSync(['tar', '-x', '-C', folder], {
    stdin: gitBytes(['archive', '--format=tar', commit]),
  })
  if (exitCode !== 0) throw new Error(`${folder} cannot be written: ${stderr.toString().trim()}`)
  // Whatever the umask is.
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    chmodSync(path, entry.isDirectory() || isExecutable(path) ? 0o755 : 0o644)
  }
}

/**
 * The same files make the same bytes: sorted by path, with the permissions of git and one time. That is the time of the commit,
 * since OPcache takes a file of the same path and time for the one that it has compiled. An archive has local times, so the
 * process has to be in UTC.
 */
export function archiveOf(folder: string, date: Date): Uint8Array {
  const entries: Zippable = {}
  for (const file of filesOf(folder)) {
    const mode = regularFile | (isExecutable(join(folder, file)) ? 0o755 : 0o644)
    // The permissions are the upper half of a field whose lower half is for DOS.
    entries[file] = [readFileSync(join(folder, file)), { os: unix, attrs: (mode << 16) >>> 0 }]
  }
  return zipSync(entries, { level: 9, mtime: date })
}

/** The paths of all files, sorted by their code units. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

function isExecutable(file: string): boolean {
  return (statSync(file).mode & 0o100) !== 0
}
