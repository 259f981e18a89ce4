/** The constants of `php-bridge/Bun/BunRelease.php`: the version of Bun that a release is tested with, and its executables. */

/** The executables of a target: their bytes by their SHA-512. Archives of one version may hold different builds. */
export type Builds = Readonly<Record<string, number>>
export type BunRelease = { readonly version: string; readonly targets: Readonly<Record<string, Builds>> }

/** Bun has no builds for older processors any more: those packages contain the same bytes. */
export const targets = [
  'linux-x64',
  'linux-x64-musl',
  'linux-aarch64',
  'linux-aarch64-musl',
  'darwin-x64',
  'darwin-aarch64',
] as const

const versionLine = /( {4}public const VERSION = )'([^']*)';\n/
const targetLines = /( {4}public const TARGETS = \[\n)([\s\S]*?)( {4}\];\n)/

export function parse(php: string): BunRelease {
  const [, , version] = versionLine.exec(php) ?? fail('VERSION')
  const [, , lines] = targetLines.exec(php) ?? fail('TARGETS')
  const builds = [...lines!.matchAll(/'([\w-]+)' => \[\n([\s\S]*?)\n {8}\],/g)].map(([, target, rows]) => [
    target!,
    Object.fromEntries(
      [...rows!.matchAll(/'([0-9a-f]{128})' => ([\d_]+),/g)].map(([, hash, bytes]) => [
        hash!,
        Number(bytes!.replaceAll('_', '')),
      ]),
    ),
  ])
  return { version: version!, targets: Object.fromEntries(builds) }
}

/** The file with other constants. */
export function withRelease(php: string, release: BunRelease): string {
  const lines = Object.entries(release.targets).map(([target, builds]) => {
    const rows = Object.entries(builds).map(([hash, bytes]) => `            '${hash}' => ${grouped(bytes)},\n`)
    return `        '${target}' => [\n${rows.join('')}        ],\n`
  })
  return php
    .replace(versionLine, (_, start: string) => `${start}'${release.version}';\n`)
    .replace(targetLines, (_, start: string, _old: string, end: string) => `${start}${lines.join('')}${end}`)
}

const grouped = (bytes: number) => String(bytes).replace(/\B(?=(\d{3})+$)/g, '_')

function fail(name: string): never {
  throw new Error(`BunRelease.php has no constant ${name}`)
}
