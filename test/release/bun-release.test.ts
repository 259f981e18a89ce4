/** bin/bun-release.ts, which compares the pinned executables with those of a server on loopback. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { parse, targets, withRelease } from '../../bin/lib/bun-release-php.ts'

const root = join(import.meta.dir, '../..')
const committed = readFileSync(join(root, 'php-bridge/Bun/BunRelease.php'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'revurb-'))
const file = join(folder, 'BunRelease.php')
const executable = (target: string) => `the executable for ${target}`.repeat(50)
const sha512 = (text: string) => createHash('sha512').update(text).digest('hex')
let served: (target: string) => string | undefined
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request) {
    const target = /^\/mirror\/bun-v1\.2\.3\/bun-(.+)\.zip$/.exec(new URL(request.url).pathname)?.[1]
    const content = target === undefined ? undefined : served(target)
    return content === undefined ? new Response('no', { status: 404 }) : new Response(zip(target!, content))
  },
})

beforeEach(() => {
  served = executable
  const pinned = targets.map(target => [target, { [sha512(executable(target))]: executable(target).length }])
  writeFileSync(file, withRelease(committed, { version: '1.2.3', targets: Object.fromEntries(pinned) }))
})
afterAll(() => {
  server.stop(true)
  rmSync(folder, { recursive: true })
})

/** Exit code and lines of the program. */
async function compare(...options: string[]): Promise<[number, string[]]> {
  const program = Bun.spawn([process.execPath, join(root, 'bin/bun-release.ts'), '--compare', '--file', file, ...options], {
    stderr: 'inherit',
  })
  const text = await new Response(program.stdout).text()
  return [await program.exited, text.trim().split('\n')]
}

const here = () => ['--github', `http://127.0.0.1:${server.port}/mirror`]

describe('The pinned Bun', () => {
  test('is the one that runs these tests', () => {
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, join(root, 'bin/bun-release.ts'), '--check'])
    expect([exitCode, stderr.toString()]).toEqual([0, ''])
  })

  test('has an executable for every target', () => {
    const release = parse(committed)
    expect(Object.keys(release.targets)).toEqual([...targets])
    for (const builds of Object.values(release.targets))
      expect(Object.values(builds).every(bytes => bytes > 50_000_000)).toBeTrue()
    expect(withRelease(committed, release)).toBe(committed)
  })

  test('is not another one', () => {
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, join(root, 'bin/bun-release.ts'), '--check', '--file', file])
    expect(exitCode).toBe(1)
    expect(stderr.toString()).toContain(`it has Bun 1.2.3, and the tests run with ${Bun.version}: run make bun-release`)
  })
})

describe('A comparison with GitHub', () => {
  test('exits 0 where every executable is the same', async () => {
    expect(await compare(...here())).toEqual([0, targets.map(target => `${target.padEnd(18)}  same`)])
  })

  test('exits 1 and shows the hash of another one', async () => {
    served = target => (target === 'darwin-x64' ? 'another' : executable(target))
    const [code, lines] = await compare(...here())
    expect(code).toBe(1)
    expect(lines.filter(line => line.endsWith('  same'))).toHaveLength(targets.length - 1)
    expect(lines).toContain(`darwin-x64          other hash ${sha512('another')}`)
  })

  test('adds the hash of another one with --add', async () => {
    served = target => (target === 'darwin-x64' ? 'another' : executable(target))
    expect((await compare(...here(), '--add'))[0]).toBe(0)
    expect(Object.keys(parse(readFileSync(file, 'utf8')).targets['darwin-x64']!)).toEqual([
      sha512(executable('darwin-x64')),
      sha512('another'),
    ])
    expect((await compare(...here()))[0]).toBe(0)
  })

  test('exits 2 where an archive cannot be had', async () => {
    served = target => (target === 'linux-x64' ? undefined : executable(target))
    const [code, lines] = await compare(...here())
    expect(code).toBe(2)
    expect(lines[0]).toMatch(
      /^linux-x64 {11}unreachable: http:\/\/127\.0\.0\.1:\d+\/mirror\/bun-v1\.2\.3\/bun-linux-x64\.zip has answered 404$/,
    )
  })

  test('exits 2 where nothing answers', async () => {
    const [code, lines] = await compare('--github', 'http://127.0.0.1:1')
    expect(code).toBe(2)
    for (const line of lines) expect(line).toContain('unreachable: http://127.0.0.1:1/')
  })

  test('tells a difference even where another archive cannot be had', async () => {
    served = target => (target === 'linux-x64' ? undefined : 'another')
    expect((await compare(...here()))[0]).toBe(1)
  })
})

/** An archive as GitHub has it: a folder, and the executable in it. */
function zip(target: string, content: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(zipSync({ [`bun-${target}/`]: new Uint8Array(), [`bun-${target}/bun`]: strToU8(content) }))
}
