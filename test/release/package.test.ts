/** What the package contains: pages whose links lead somewhere, and the licences and the list of what is bundled. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { filesOf } from '../../bin/lib/release/package.ts'
import { homepage, name } from '../../composer.json'
import { dependencies, version } from '../../package.json'
import { parsePage } from '../support/markdown.ts'
import { run } from './clone.ts'

const root = join(import.meta.dir, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'revurb-package-'))
const folder = join(scratch, 'package')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

/** The packages whose code is in the script, by the comments that the bundler writes. */
const bundled = () =>
  [
    ...new Set([...read('dist/revurb.js').matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, found]) => found!)),
  ].sort()

type Bom = {
  readonly metadata: { readonly component: { readonly version: string; readonly components: readonly Component[] } }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}
type Component = {
  readonly 'bom-ref': string
  readonly purl: string
  readonly hashes: readonly { readonly content: string }[]
  readonly licenses: readonly unknown[]
}
const bom = () => JSON.parse(read('dist/revurb.cdx.json')) as Bom

beforeAll(() => {
  run(['bin/release', folder], root)
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('The package', () => {
  test('contains the server, the classes, the stubs and what is written for users', () => {
    expect(readdirSync(folder).sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'UPGRADING.md',
        'composer.json',
        'dist',
        'docs',
        'php-bridge',
        'stubs',
      ].sort(),
    )
    expect(readdirSync(join(folder, 'dist')).sort()).toEqual(['LICENSES.txt', 'revurb.cdx.json', 'revurb.js'])
    expect(statSync(join(folder, 'dist/revurb.js')).mode & 0o777).toBe(0o755)
    expect(existsSync(join(folder, 'docs/.vitepress'))).toBe(false)
  })

  test('names its version to Composer, and the places for help', () => {
    const composer = JSON.parse(read('composer.json'))
    expect(composer).toMatchObject({ name, version, homepage })
    expect(Object.keys(composer.support)).toEqual(['docs', 'issues', 'source', 'security'])
    // The policy names the versions that get fixes.
    expect(read('SECURITY.md')).toContain(`\n| ${version.replace(/\.\d+$/, '')} | yes |\n`)
  })

  test('has no link that leads out of it, other than an address', () => {
    const pages = filesOf(folder).filter(file => file.endsWith('.md'))
    const links = pages.flatMap(file => parsePage(file, read(file)).links.map(({ target }) => ({ file, target })))
    const broken = links.filter(({ file, target }) => {
      if (/^(?:https?|mailto):/.test(target)) return false
      const [path, anchor] = target.split('#') as [string, string?]
      const to = path === '' ? file : normalize(join(file, '..', decodeURI(path)))
      if (to.startsWith('..') || !existsSync(join(folder, to))) return true
      return anchor !== undefined && !parsePage(to, read(to)).headings.some(({ slug }) => slug === decodeURIComponent(anchor))
    })
    expect(broken).toEqual([])
    expect(links.length).toBeGreaterThan(500)
  })

  test('links to the tag for what it does not contain', () => {
    const tag = `${homepage}/blob/v${version}/`
    expect(read('README.md')).toContain(`[src/README.md](${tag}src/README.md)`)
    expect(read('README.md')).toContain(`[Contributing](${tag}CONTRIBUTING.md)`)
    const linked = filesOf(folder)
      .filter(file => file.endsWith('.md'))
      .flatMap(file => read(file).split(`](${tag}`).slice(1))
    expect(linked.filter(rest => !existsSync(join(root, /^[^)#]+/.exec(rest)![0])))).toEqual([])
  })
})

describe('The licences and the bill of materials', () => {
  test('name the packages that are in the script, and no other', () => {
    const titles = [...read('dist/LICENSES.txt').matchAll(/^-{80}\n(\S+) (\S+) \((.+)\)$/gm)].map(([, title]) => title!)
    const purls = bom().components.map(({ purl }) => decodeURIComponent(/^pkg:npm\/(.+)@/.exec(purl)![1]!))
    expect(titles).toEqual(bundled())
    expect(purls.sort()).toEqual(titles)
    for (const direct of Object.keys(dependencies)) expect(titles).toContain(direct)
  })

  test('have the text of each licence', () => {
    const sections = read('dist/LICENSES.txt')
      .split(/^-{80}$/m)
      .slice(1)
    expect(
      sections.filter(section => !/Permission is hereby granted|Apache License|Licensed under the Apache/.test(section)),
    ).toEqual([])
    // citty has bundled it.
    expect(read('dist/revurb.js').includes('\n// node_modules/citty/dist/_chunks/libs/scule.mjs\n')).toBe(true)
    expect(read('dist/LICENSES.txt').includes('\n## scule\n\nLicense: MIT\n')).toBe(true)
  })

  test('are valid CycloneDX 1.6 with hashes, licences and dependencies', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await validator.validate(read('dist/revurb.cdx.json'))).toBe(null)
    expect(await validator.validate('{"bomFormat":"CycloneDX","specVersion":"1.6","packages":[]}')).not.toBe(null)

    const { metadata, components, dependencies: graph } = bom()
    expect(metadata.component.version).toBe(version)
    const script = createHash('sha512').update(read('dist/revurb.js')).digest('hex')
    expect(metadata.component.components[0]!.hashes[0]!.content).toBe(script)
    for (const { hashes, licenses } of components) {
      expect(hashes[0]!.content).toMatch(/^[0-9a-f]{128}$/)
      expect(licenses).toHaveLength(1)
    }
    const dependsOn = (ref: string) =>
      graph.find(entry => entry.ref.startsWith(ref))?.dependsOn?.map(found => found.replace(/@[^@]+$/, ''))
    expect(dependsOn('pkg:composer/')).toEqual(Object.keys(dependencies).map(direct => `pkg:npm/${direct}`))
    expect(dependsOn('pkg:npm/debug@')).toEqual(['pkg:npm/ms'])
  })
})
