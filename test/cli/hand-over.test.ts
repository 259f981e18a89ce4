/** Two servers of a hand-over, driven as by their parents: `docs/bridge.md`. */
import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, document } from '../support/command.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(180_000)

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A path in a folder of its own, which the servers remove. */
function newSocketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'revurb-hand-over-'))
  folders.push(folder)
  return join(folder, 'peer.sock')
}

/** No Redis listens there: the servers serve their own clients. */
const scaling = { enabled: true, secret: 'shared', server: { host: '127.0.0.1', port: 1 } }

async function successorOf(oldServer: Command, peer: string, more: object): Promise<Command> {
  oldServer.writeLine({ command: 'hand-over', peer })
  await until('the old server listens on the Unix socket', () => existsSync(peer))
  return Command.started(
    document({ server: { port: oldServer.port }, hand_over: { address: `127.0.0.1:${oldServer.port}`, peer }, ...more }),
  )
}

describe('a server that takes over', () => {
  test('reports how many sockets the server that hands over has sent to it', async () => {
    await using oldServer = await Command.started(document({ server: { drain_seconds: 1 } }))
    const clients = await Promise.all(Array.from({ length: 7 }, () => oldServer.connect()))
    await using newServer = await successorOf(oldServer, newSocketPath(), {})
    oldServer.kill('SIGUSR2')
    expect(await newServer.next('moved')).toEqual({ type: 'moved', sockets: 7 })
    for (const client of clients) expect((await client.closed).code).toBe(4200)
    expect((await oldServer.ended()).code).toBe(0)
  })

  test('reports 0 where no socket was open', async () => {
    await using oldServer = await Command.started(document({ server: { drain_seconds: 0 } }))
    await using newServer = await successorOf(oldServer, newSocketPath(), {})
    oldServer.kill('SIGUSR2')
    expect(await newServer.next('moved')).toEqual({ type: 'moved', sockets: 0 })
  })

  test('has a connection for that report with scaling as well, where events go over Redis', async () => {
    const peer = newSocketPath()
    await using oldServer = await Command.started(document({ scaling }))
    await using newServer = await successorOf(oldServer, peer, { scaling })
    expect(newServer.output.join('\n')).not.toContain('cannot be reached')
    expect(existsSync(peer)).toBe(false)
  })
})

test('a server hands over right after it has taken over, also where it has not noticed yet that the one before has ended', async () => {
  const app = { key: 'app-key', secret: 'app-secret' }
  await using first = await Command.started(document({ server: { drain_seconds: 0 } }))
  await using second = await successorOf(first, newSocketPath(), {})
  first.kill('SIGUSR2')
  // Stopped, the second server finds the end of the first one and the command at once.
  second.kill('SIGSTOP')
  expect((await first.ended()).code).toBe(0)
  const peer = newSocketPath()
  second.writeLine({ command: 'hand-over', peer })
  second.kill('SIGCONT')
  const old = await second.connect()
  await old.subscribe('presence-x', { app, member: { user_id: 'old' } })
  await until('the second server listens on the Unix socket', () => existsSync(peer))
  await using third = await Command.started(
    document({ server: { port: second.port }, hand_over: { address: `127.0.0.1:${second.port}`, peer } }),
  )
  expect(third.output.join('\n')).not.toContain('cannot be reached')
  // Which of the two takes a new socket is the system's choice: enough of them are on both.
  for (let i = 0; i < 16; i++) {
    const client = await third.connect()
    const { data } = await client.subscribe('presence-x', { app, member: { user_id: `new${i}` } })
    expect(JSON.parse(data as string).presence.ids).toContain('old')
  }
})

describe('the status line', () => {
  test('follows the ready line, with the number of sockets and without Redis', async () => {
    await using command = await Command.started()
    expect(await command.next('status')).toEqual({ type: 'status', sockets: 0, redis: 'unused' })
    await command.connect()
    expect(await command.next('status', { sockets: 1 })).toMatchObject({ redis: 'unused' })
  })

  test('reports that Redis is disconnected', async () => {
    await using command = await Command.started(document({ scaling }))
    expect(await command.next('status')).toMatchObject({ redis: 'disconnected' })
  })
})
