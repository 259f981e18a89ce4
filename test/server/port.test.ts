import { expect, test } from 'bun:test'
import { isTakenTwice, requireFree } from '../../src/server/port.ts'

const server = (reusePort: boolean) => Bun.serve({ hostname: '127.0.0.1', port: 0, reusePort, fetch: () => new Response() })

test('a port that somebody listens on is not free, whether it can be shared or not', () => {
  for (const reusePort of [true, false]) {
    const taken = server(reusePort)
    // It forgets its port when it stops.
    const port = taken.port!
    expect(() => requireFree('127.0.0.1', port)).toThrow()
    taken.stop(true)
    expect(() => requireFree('127.0.0.1', port)).not.toThrow()
  }
  expect(() => requireFree('127.0.0.1', 0)).not.toThrow()
})

test('of two processes that share a port by mistake, one has to go', async () => {
  const own = server(true)
  expect(isTakenTwice(own.port!)).toBe(false)
  const script = `
    import { isTakenTwice } from '${import.meta.dir}/../../src/server/port.ts'
    Bun.serve({ hostname: '127.0.0.1', port: ${own.port}, reusePort: true, fetch: () => new Response() })
    console.log(isTakenTwice(${own.port}))
    process.stdin.on('data', () => process.exit())
    process.stdin.on('end', () => process.exit())
  `
  const other = Bun.spawn([process.execPath, '-e', script], { stdin: 'pipe', stdout: 'pipe' })
  const { value } = await other.stdout.getReader().read()
  const theirs = new TextDecoder().decode(value).trim()
  expect([String(isTakenTwice(own.port!)), theirs].sort()).toEqual(['false', 'true'])
  other.stdin.end()
  await other.exited
  own.stop(true)
})

test('the same port on another address is none of our business', async () => {
  const other = Bun.spawn(
    [process.execPath, '-e', `console.log(Bun.serve({ hostname: '127.0.0.2', port: 0, fetch: () => new Response() }).port)`],
    { stdout: 'pipe' },
  )
  const { value } = await other.stdout.getReader().read()
  const port = Number(new TextDecoder().decode(value))
  const own = Bun.serve({ hostname: '127.0.0.1', port, reusePort: true, fetch: () => new Response() })
  expect(isTakenTwice(port)).toBe(false)
  own.stop(true)
  other.kill()
  await other.exited
})
