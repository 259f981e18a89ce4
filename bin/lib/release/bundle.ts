/** The server as one script, and what of node_modules is in it. */
import { readFileSync } from 'node:fs'

/** A package that is in the bundle. */
export type Bundled = {
  /** Such as `node_modules/@ioredis/commands`. */
  readonly folder: string
  readonly name: string
  readonly version: string
  /** An expression of SPDX. */
  readonly licence: string
  /** SHA-512 of the package as npm has it, in hexadecimal. */
  readonly sha512: string
  /** Folders of the packages that it requires; those that are not in the bundle are left out. */
  readonly requires: readonly string[]
}

export type Bundle = { readonly script: Uint8Array; readonly packages: readonly Bundled[] }

type Locked = {
  readonly version: string
  readonly integrity?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Needs the root of the repository as the current directory: Bun writes paths into the script that are relative to it. */
export async function bundle(): Promise<Bundle> {
  const built = await Bun.build({
    entrypoints: ['src/cli/main.ts'],
    target: 'bun',
    minify: { syntax: true },
    metafile: true,
    // Else the bundler writes the folders of this machine; what ioredis reads there is not part of a bundle anyway.
    define: { __dirname: '"/"' },
  })
  const [output] = built.outputs
  if (output === undefined || built.metafile === undefined) throw new Error('Bun has built nothing')
  const folders = Object.keys(built.metafile.inputs).flatMap(
    input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  )
  return { script: new Uint8Array(await output.arrayBuffer()), packages: locked([...new Set(folders)].sort()) }
}

/** What package-lock.json says of each folder, which has to be what is installed. */
function locked(folders: readonly string[]): Bundled[] {
  const { packages } = json<{ packages: Record<string, Locked> }>('package-lock.json')
  return folders.map(folder => {
    const entry = packages[folder]
    if (entry === undefined) throw new Error(`${folder} is in the bundle, and not in package-lock.json: run npm install`)
    const { name, version } = json<{ name: string; version: string }>(`${folder}/package.json`)
    if (version !== entry.version)
      throw new Error(`${folder} is ${version}, and package-lock.json has ${entry.version}: run npm ci`)
    return {
      folder,
      name,
      version,
      licence: entry.license ?? fault(folder, 'licence'),
      sha512: sha512Of(entry.integrity ?? fault(folder, 'integrity')),
      requires: Object.keys(entry.dependencies ?? {}).flatMap(required => resolved(folder, required, folders)),
    }
  })
}

/** Where Node.js finds a package that another one requires: in its own folder, or in one above it. */
function resolved(folder: string, required: string, folders: readonly string[]): string[] {
  for (let from = folder; ; from = from.slice(0, from.lastIndexOf('/node_modules/'))) {
    const candidate = `${from}/node_modules/${required}`
    if (folders.includes(candidate)) return [candidate]
    if (!from.includes('/node_modules/')) break
  }
  return folders.filter(candidate => candidate === `node_modules/${required}`)
}

function sha512Of(integrity: string): string {
  const [, base64] = /(?:^|\s)sha512-(\S+)/.exec(integrity) ?? []
  if (base64 === undefined) throw new Error(`package-lock.json has no SHA-512: ${integrity}`)
  return Buffer.from(base64, 'base64').toString('hex')
}

function fault(folder: string, what: string): never {
  throw new Error(`${folder} is in the bundle, and package-lock.json has no ${what} of it`)
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}
