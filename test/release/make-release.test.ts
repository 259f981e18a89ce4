/** `make release` in clones: the same bytes everywhere, what it refuses, and how the result is published. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesOf } from '../../bin/lib/release/package.ts'
import { version } from '../../package.json'
import { Clone, run } from './clone.ts'

setDefaultTimeout(120_000)

const scratch = mkdtempSync(join(tmpdir(), 'revurb-make-release-'))
const trial = ['--skip', 'suite,bun']
const archive = `build/revurb-${version}.zip`
const tag = `v${version}`
let one: Clone
let other: Clone

beforeAll(() => {
  one = Clone.in(join(scratch, 'one'))
  other = Clone.in(join(scratch, 'a folder/with/more depth/two'))
  // Sections of what is not released yet are the business of the one who makes the release.
  for (const clone of [one, other]) withSections(clone)
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('A release', () => {
  test('has the same bytes whatever the folder, umask, zone, language and times of files are', () => {
    run(
      ['find', '.', '-path', './.git', '-prune', '-o', '-type', 'f', '-exec', 'touch', '-d', '2001-02-03', '{}', '+'],
      other.folder,
    )
    const first = one.release(trial, { env: { TZ: 'America/New_York', LC_ALL: 'C' } })
    const second = other.release(trial, { umask: '077', env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'C.UTF-8' } })

    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(second).toEqual(first)
    expect(other.read(archive).equals(one.read(archive))).toBe(true)
    expect(other.read('build/release-notes.md').toString()).toBe(one.read('build/release-notes.md').toString())
    expect(packageOf(other)).toEqual(packageOf(one))

    const again = one.release(trial)
    expect(again).toEqual(first)
    expect(one.read(archive).equals(other.read(archive))).toBe(true)
  })

  test('names no folder of the machine', () => {
    const files = filesOf(join(one.folder, 'build/release'))
    expect(files).toContain('dist/revurb.js')
    expect(files.filter(file => one.read(`build/release/${file}`).includes(scratch))).toEqual([])
  })

  test('has notes with its changes, hashes, Bun and what was left out', () => {
    const notes = one.read('build/release-notes.md').toString()
    const sha512 = (file: string) => createHash('sha512').update(one.read(file)).digest('hex')
    expect(notes).toStartWith(`# Revurb ${version}\n`)
    expect(notes).toContain(`| \`revurb-${version}.zip\` | \`${sha512(archive)}\` |`)
    expect(notes).toContain(`| \`dist/revurb.js\` in it | \`${sha512('build/release/dist/revurb.js')}\` |`)
    expect(notes).toContain(`bundled with Bun ${Bun.version}.`)
    expect(notes).toContain('The release suite was left out.')
    expect(notes).toContain(
      `\`make release\` writes both from commit ${one.git('rev-parse', 'HEAD')}, everywhere with the same bytes.`,
    )
    expect(notes).not.toMatch(/\]\((?!https:)/)
  })

  test('is what Composer installs from a tag of it, and from the archive', () => {
    const commit = /files of the tag, commit (\w{40})\./.exec(one.read('build/release-notes.md').toString())![1]!
    one.git('tag', '-a', tag, '-m', `Revurb ${version}`, commit)
    expect(one.git('rev-parse', `${tag}~1`)).toBe(one.git('rev-parse', 'HEAD'))

    const repositories = { tag: { type: 'vcs', url: one.folder }, archive: { type: 'artifact', url: join(one.folder, 'build') } }
    for (const [name, repository] of Object.entries(repositories)) {
      const into = join(scratch, `from-${name}`)
      const create = ['composer', 'create-project', '--no-install', '--no-interaction', '--no-progress', '--quiet']
      const env = { COMPOSER_ALLOW_SUPERUSER: '1', COMPOSER_CACHE_DIR: join(scratch, 'cache') }
      run([...create, `--repository=${JSON.stringify(repository)}`, 'revurb/revurb', into, version], scratch, env)
      for (const file of filesOf(join(one.folder, 'build/release')))
        expect(readFileSync(join(into, file)).equals(one.read(`build/release/${file}`)), `${name}: ${file}`).toBe(true)
    }
    // A tag at this commit is the tag of this release.
    expect(one.release(trial)).toMatchObject({ code: 0 })
  })
})

describe('make release refuses', () => {
  test('a tree with changes or files that are not committed', () => {
    writeFileSync(join(other.folder, 'Größe.ts'), '')
    appendFileSync(join(other.folder, 'LICENSE'), ' ')
    const { code, stderr } = other.release(trial)
    expect(code).toBe(1)
    expect(stderr).toContain('The tree is not clean. Commit, or remove:\n     M LICENSE\n    ?? Größe.ts')
    rmSync(join(other.folder, 'Größe.ts'))
    other.git('checkout', '--quiet', 'LICENSE')
  })

  test('a version whose tag is at another commit', () => {
    other.git('tag', tag, 'HEAD')
    const { code, stderr } = other.release(trial)
    expect(code).toBe(1)
    expect(stderr).toContain(`The tag ${tag} is at another commit, ${other.git('rev-parse', '--short=7', 'HEAD')}`)
    other.git('tag', '--delete', tag)
  })

  test('a version without a section in CHANGELOG.md, and sections that are still called Unreleased', () => {
    for (const file of ['CHANGELOG.md', 'UPGRADING.md'])
      writeFileSync(join(other.folder, file), '# Changes\n\n## Unreleased\n\n- Something\n')
    other.git('commit', '--quiet', '--all', '--message', 'Unreleased')
    const { code, stderr } = other.release(trial)
    expect(code).toBe(1)
    expect(stderr).toContain(`  - UPGRADING.md has a section "Unreleased": what it lists belongs to ${version}\n`)
    expect(stderr).toContain(`  - CHANGELOG.md has a section "Unreleased": what it lists belongs to ${version}\n`)
    other.git('reset', '--quiet', '--hard', 'HEAD~1')
  })

  test('packages of other versions than package-lock.json has', () => {
    const file = join(other.folder, 'node_modules/ms/package.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/"version": "[^"]*"/, '"version": "0.0.1"'))
    const { code, stderr } = other.release(trial)
    expect(code).toBe(1)
    expect(stderr).toMatch(/node_modules\/ms is 0\.0\.1, and package-lock\.json has [\d.]+: run npm ci/)
    writeFileSync(file, text)
  })

  test('a bundled package without its licence', () => {
    const file = join(other.folder, 'node_modules/denque/LICENSE')
    const text = readFileSync(file)
    rmSync(file)
    const { code, stderr } = other.release(trial)
    expect(code).toBe(1)
    expect(stderr).toMatch(/denque [\d.]+ \(Apache-2\.0\) is in dist\/revurb\.js, and has no file with its licence/)
    writeFileSync(file, text)
    expect(other.release(trial).code).toBe(0)
  })

  test('options that it does not know, and a place that has something', () => {
    expect(other.release(['--skip', 'tests'])).toMatchObject({ code: 2 })
    expect(other.release(['--force']).code).toBe(2)
    const folders = [scratch, other.folder, join(other.folder, 'docs'), join(one.folder, 'build/release')]
    for (const place of [...folders, join(other.folder, 'LICENSE')]) {
      const { code, stderr } = other.release([place])
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${place} is there, and is not an empty folder`)])
    }
    expect(other.git('status', '--porcelain')).toBe('')
  })
})

describe('The suite and the comparison with GitHub', () => {
  /** Programs in place of the real ones, which take minutes and the network, with these exit codes. */
  const outcome = (codes: { suite: number; check?: number; compare?: number }, during = '') => {
    writeFileSync(join(other.folder, 'test/run.ts'), `${during}\nprocess.exit(${codes.suite})`)
    const { check = 0, compare = 0 } = codes
    writeFileSync(
      join(other.folder, 'bin/bun-release.ts'),
      `process.exit(process.argv.includes('--check') ? ${check} : ${compare})`,
    )
    other.git('commit', '--quiet', '--all', '--message', 'Stand-ins')
    try {
      return { ...other.release([]), notes: existsSync(notes()) ? readFileSync(notes(), 'utf8') : undefined }
    } finally {
      other.git('reset', '--quiet', '--hard', 'HEAD~1')
    }
  }
  const notes = () => join(other.folder, 'build/release-notes.md')

  test('that pass end with the commands for the tag', () => {
    const { code, stdout, notes } = outcome({ suite: 0 })
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`git tag -a ${tag} -m 'Revurb ${version}' \\w{40}\n +git push origin HEAD ${tag}\n$`))
    expect(notes).toContain(
      'The release suite has passed with it. The SHA-512 of each of its executables in this package is that of',
    )
    expect(notes).not.toContain('trial')
  })

  test('that cannot reach GitHub are told in the notes', () => {
    const { code, stdout, notes } = outcome({ suite: 0, compare: 2 })
    expect(code).toBe(0)
    expect(stdout).toContain("! The comparison of Bun's hashes with GitHub was not possible: the notes say so")
    expect(notes).toContain('They could not be compared with the archives of its release on GitHub')
  })

  test.each([
    ['fails', { suite: 1 }, 'The release suite has failed'],
    ['finds that GitHub has another Bun', { suite: 0, compare: 1 }, "Bun's hashes in php-bridge/Bun/BunRelease.php are not"],
    [
      'finds that the package stores another Bun',
      { suite: 0, check: 1 },
      "Bun's hashes in php-bridge/Bun/BunRelease.php are not",
    ],
  ])('refuse the release if one %s, and leave none behind', (_, codes, reason) => {
    const { code, stderr, notes } = outcome(codes)
    expect(code).toBe(1)
    expect(stderr).toContain(reason)
    expect(notes).toBeUndefined()
    expect(existsSync(join(other.folder, archive))).toBe(false)
    expect(existsSync(join(other.folder, 'build/release'))).toBe(false)
  })

  test('refuse the release if the checkout has changed meanwhile', () => {
    const { code, stderr } = outcome({ suite: 0 }, "require('node:fs').writeFileSync('stray.ts', '')")
    rmSync(join(other.folder, 'stray.ts'))
    expect(code).toBe(1)
    expect(stderr).toContain('The tree is not clean. Commit, or remove:\n    ?? stray.ts')
  })
})

/** Commits a section of the version, where there is none yet or one of what is not released: both clones the same. */
function withSections(clone: Clone): void {
  const [changes, upgrades] = ['CHANGELOG.md', 'UPGRADING.md'].map(file => clone.read(file).toString())
  if (changes!.includes(`\n## ${version} (`) && !/^## Unreleased/m.test(changes! + upgrades!)) return
  writeFileSync(join(clone.folder, 'CHANGELOG.md'), `# Changelog\n\n## ${version} (2026-11-29)\n\n- [Security](SECURITY.md)\n`)
  writeFileSync(join(clone.folder, 'UPGRADING.md'), '# Upgrading\n')
  run(
    ['git', '-c', 'user.name=A', '-c', 'user.email=a@localhost', 'commit', '--quiet', '--all', '--message', 'Release'],
    clone.folder,
    {
      GIT_AUTHOR_DATE: '2026-11-29T12:00:00Z',
      GIT_COMMITTER_DATE: '2026-11-29T12:00:00Z',
    },
  )
}

function packageOf(clone: Clone): Record<string, string> {
  const folder = join(clone.folder, 'build/release')
  expect(existsSync(folder)).toBe(true)
  return Object.fromEntries(filesOf(folder).map(file => [file, Bun.hash(readFileSync(join(folder, file))).toString()]))
}
