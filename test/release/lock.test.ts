/** package-lock.json: it fits to package.json, has a hash of everything, packages for every platform, and no address of a registry. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')

type Manifest = {
  readonly version?: string
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
type Entry = Manifest & {
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifest = json<Manifest>('package.json')
const lock = json<{ version: string; packages: Readonly<Record<string, Entry>> }>('package-lock.json')
const workspaces = ['', ...manifest.workspaces!]
const installed = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true)

describe('package-lock.json', () => {
  test.each(workspaces)('has the ranges and versions that %p/package.json asks for', workspace => {
    const wanted = json<Manifest>(join(workspace, 'package.json'))
    const entry = lock.packages[workspace]!
    expect(entry.version).toBe(wanted.version!)
    expect(entry.dependencies ?? {}).toEqual(wanted.dependencies ?? {})
    expect(entry.devDependencies ?? {}).toEqual(wanted.devDependencies ?? {})
    for (const [name, range] of Object.entries({ ...wanted.dependencies, ...wanted.devDependencies })) {
      const found = lock.packages[`${workspace}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`]
      const { version } = found!.link === true ? lock.packages[found!.resolved!]! : found!
      expect(Bun.semver.satisfies(version!, range), `${name} ${version} is not ${range}`).toBe(true)
    }
  })

  test('is of the version that package.json has', () => {
    expect(lock.version).toBe(manifest.version!)
  })

  test('has a hash of every package', () => {
    expect(
      installed.filter(([, { integrity }]) => !/^sha512-[\w+/]+={0,2}$/.test(integrity ?? '')).map(([path]) => path),
    ).toEqual([])
    expect(installed.length).toBeGreaterThan(100)
  })

  test('has no address from which a package comes', () => {
    const resolved = Object.entries(lock.packages).filter(([, entry]) => 'resolved' in entry)
    expect(resolved.map(([path, { resolved, link }]) => [path, resolved, link])).toEqual(
      manifest.workspaces!.map(folder => [
        `node_modules/${json<{ name: string }>(join(folder, 'package.json')).name}`,
        folder,
        true,
      ]),
    )
    // Where a package asks for money is its own business.
    const text = JSON.stringify(lock, (key, value) => (key === 'funding' ? undefined : value))
    expect(text.match(/\w+:\/\/[^"]*/g)).toBe(null)
  })

  test('has what a package needs on other platforms than this one', () => {
    const missing = installed.flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter(name => !isFound(path, name)),
    )
    expect(missing).toEqual([])
    for (const platform of ['linux-x64', 'linux-x64-musl', 'linux-aarch64', 'darwin-x64', 'darwin-aarch64'])
      expect(lock.packages).toHaveProperty([`node_modules/@oven/bun-${platform}`])
  })
})

/** Whether Node.js finds a package from the folder of another one. */
function isFound(path: string, name: string): boolean {
  for (let from = path; from !== ''; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))))
    if (lock.packages[`${from}/node_modules/${name}`] !== undefined) return true
  return lock.packages[`node_modules/${name}`] !== undefined
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as T
}
