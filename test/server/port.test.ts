import { expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasDuplicateListener, holderOf, requireFree } from '../../src/server/port.ts'
import { freePort } from '../support/ports.ts'

const server = (port: number, reusePort: boolean) =>
  Bun.serve({ hostname: '127.0.0.1', port, reusePort, fetch: () => new Response() })

test('a port on which a process listens is not free, whether it can be shared or not', async () => {
  const port = await freePort()
  for (const reusePort of [true, false]) {
    const taken = server(port, reusePort)
    expect(() => requireFree('127.0.0.1', port)).toThrow()
    taken.stop(true)
    expect(() => requireFree('127.0.0.1', port)).not.toThrow()
  }
  expect(() => requireFree('127.0.0.1', 0)).not.toThrow()
})

test('of two servers that have opened the same port at once, one has to stop', async () => {
  const own = server(await freePort(), true)
  expect(hasDuplicateListener(own.port!)).toBe(false)
  const script = `
    import { hasDuplicateListener } from '${import.meta.dir}/../../src/server/port.ts'
    Bun.serve({ hostname: '127.0.0.1', port: ${own.port}, reusePort: true, fetch: () => new Response() })
    console.log(hasDuplicateListener(${own.port}))
    process.stdin.on('data', () => process.exit())
    process.stdin.on('end', () => process.exit())
  `
  const other = Bun.spawn([process.execPath, '-e', script], { stdin: 'pipe', stdout: 'pipe' })
  const { value } = await other.stdout.getReader().read()
  const theirs = new TextDecoder().decode(value).trim()
  expect([String(hasDuplicateListener(own.port!)), theirs].sort()).toEqual(['false', 'true'])
  other.stdin.end()
  await other.exited
  own.stop(true)
})

test('the same port on another address is no duplicate', async () => {
  const port = await freePort()
  const script = `console.log(Bun.serve({ hostname: '127.0.0.2', port: ${port}, fetch: () => new Response() }).port)`
  const other = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
  await other.stdout.getReader().read()
  const own = Bun.serve({ hostname: '127.0.0.1', port, reusePort: true, fetch: () => new Response() })
  expect(hasDuplicateListener(port)).toBe(false)
  own.stop(true)
  other.kill()
  await other.exited
})

test('the process that listens on a port is found with its program', async () => {
  const port = await freePort()
  expect(holderOf(port, '127.0.0.1')).toBeUndefined()
  const own = server(port, false)
  for (const host of ['127.0.0.1', '0.0.0.0', '::'])
    expect(holderOf(port, host)).toMatchObject({ pid: process.pid, program: expect.stringMatching(/./) })
  own.stop(true)
})

test('of several processes that hold the socket of a port, the oldest is found: it has opened it', async () => {
  const proc = mkdtempSync(join(tmpdir(), 'revurb-proc-'))
  mkdirSync(join(proc, 'net'))
  writeFileSync(join(proc, 'net/tcp'), '  sl  local_address\n   0: 00000000:1F90 00000000:0000 0A 0:0 00:0 0 0 0 333 1\n')
  for (const [pid, program, startedAt] of [
    [40, 'artisan', 900],
    [2000, 'php (test) 1', 700],
    [3000, 'sleep', 901],
  ] as const) {
    mkdirSync(join(proc, `${pid}/fd`), { recursive: true })
    symlinkSync('socket:[333]', join(proc, `${pid}/fd/7`))
    writeFileSync(join(proc, `${pid}/comm`), `${program}\n`)
    writeFileSync(join(proc, `${pid}/stat`), `${pid} (${program}) S ${Array(18).fill('0').join(' ')} ${startedAt} 1 2\n`)
  }
  expect(holderOf(8080, '127.0.0.1', proc)).toEqual({ pid: 2000, program: 'php (test) 1' })
  rmSync(proc, { recursive: true })
})

test('of two processes that listen on a port, the one on the same address is found, or the one on all addresses', async () => {
  const port = await freePort()
  const script = `console.log(Bun.serve({ hostname: '127.0.0.2', port: ${port}, fetch: () => new Response() }).port)`
  await using other = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
  await other.stdout.getReader().read()
  const own = server(port, false)
  expect(holderOf(port, '127.0.0.1')?.pid).toBe(process.pid)
  expect(holderOf(port, '127.0.0.2')?.pid).toBe(other.pid)
  expect(holderOf(port, '127.0.0.3')).toBeUndefined()
  own.stop(true)
  other.kill()
  await other.exited

  const everywhere = Bun.serve({ hostname: '0.0.0.0', port, fetch: () => new Response() })
  expect(holderOf(port, '127.0.0.3')?.pid).toBe(process.pid)
  everywhere.stop(true)
})
