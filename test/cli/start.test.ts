/** `revurb start` as the parent process sees it: `docs/bridge.md`. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from '../../package.json'
import { Certificate } from '../support/certificate.ts'
import { Command, document } from '../support/command.ts'
import { signedQuery } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'

const app = { key: 'app-key', secret: 'app-secret' }
const folder = mkdtempSync(join(tmpdir(), 'revurb-start-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: object, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(content, null, 2), { mode })
  return path
}

async function publish(port: number, channel: string, data: string): Promise<number> {
  const path = '/apps/1001/events'
  const body = JSON.stringify({ name: 'e', channel, data })
  const query = signedQuery(app, { method: 'POST', path, body })
  return (await fetch(`http://127.0.0.1:${port}${path}?${query}`, { method: 'POST', body })).status
}

/** A document for `start` that is to fail; what came of it. */
async function failing(content: object | string) {
  await using command = new Command('start')
  command.end(typeof content === 'string' ? content : `${JSON.stringify(content)}\n`)
  return await command.ended()
}

describe('the ready line of a server', () => {
  test('has its address, process and versions, and comes when clients can connect', async () => {
    await using command = new Command('start')
    command.writeLine(document())
    const line = await command.ready()
    expect(line).toEqual({
      type: 'ready',
      host: '127.0.0.1',
      port: expect.any(Number),
      secure: false,
      pid: command.pid,
      version,
      bun: Bun.version,
    })
    expect(command.output[0]).toContain('"ready"')
    const client = await command.connect()
    await client.subscribe('news')
    expect(await publish(command.port, 'news', 'served')).toBe(200)
    expect(await client.next()).toEqual({ event: 'e', data: 'served', channel: 'news' })
  })

  test.each([
    ['[::]', '[::]', ['127.0.0.1', '[::1]']],
    ['[::1]', '[::1]', ['[::1]']],
    ['::1', '[::1]', ['[::1]']],
    ['localhost', '127.0.0.1', ['127.0.0.1']],
    ['tcp://127.0.0.1', '127.0.0.1', ['127.0.0.1']],
  ])('names the address of the host %s', async (host, said, reached) => {
    await using command = new Command('start')
    command.writeLine(document({ server: { host } }))
    const line = await command.ready()
    expect(line).toMatchObject({ host: said })
    for (const at of reached) expect((await fetch(`http://${at}:${line.port}/up`)).status).toBe(200)
  })

  test('is followed by the log of every limit in force', async () => {
    await using command = await Command.started(document({ app: { max_connections: 7, limits: { presence_members: 100 } } }))
    const logged = async () => (await command.next('log', { code: 'banner-limits' })).message
    expect([await logged(), await logged(), await logged()]).toEqual([
      'Limits of the server: max_request_size 10000, max_queued_bytes 1048576, max_total_queued_bytes 67108864, max_messages_per_second 2000, max_bytes_per_second 2000000',
      'Limits of app 1001: max_connections 7, max_message_size 10000, watchlist_users 100',
      'Limits of app 1001 that Reverb does not have (apps.apps.*.limits in config/reverb.php, where 0 lifts one): presence_members 100',
    ])
  })

  test('reports that the server serves TLS', async () => {
    using certificate = new Certificate()
    const tls = { local_cert: certificate.certFile, local_pk: certificate.keyFile }
    await using command = new Command('start')
    command.writeLine(document({ server: { tls } }))
    expect(await command.ready()).toMatchObject({ secure: true })
    await (await command.connect({ tls: true })).nothingMore()
  })

  test('comes after a warning of a certificate that has expired, which clients may accept', async () => {
    using certificate = new Certificate()
    certificate.lastFor(-1)
    const tls = { local_cert: certificate.certFile, local_pk: certificate.keyFile }
    await using command = await Command.started(document({ server: { tls } }))
    expect(JSON.parse(command.output[0]!)).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(
        /^servers\.reverb\.options\.tls\.local_cert names \/.*cert\.pem, which expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC: renew it/,
      ),
    })
    await (await command.connect({ tls: true })).nothingMore()
  })

  test('comes after a warning of each unknown key', async () => {
    await using command = await Command.started(document({ server: { hosts: 'hush' }, extra: 'hush', app: { burst: 1 } }))
    const lines = command.output.map(line => JSON.parse(line))
    const messages = lines.slice(
      0,
      lines.findIndex(({ type }) => type === 'ready'),
    )
    expect(messages.map(({ level, message }) => `${level} ${message}`).sort()).toEqual([
      'warn apps.apps.0.burst is not known and was ignored',
      'warn extra is not known and was ignored',
      'warn servers.reverb.revurb.hosts is not known and was ignored',
    ])
  })
})

describe('--config', () => {
  test('starts a server by the document of the file, and does not read stdin', async () => {
    await using command = new Command('start', '--config', file('good.json', document()))
    command.end()
    expect(await command.ready()).toMatchObject({ type: 'ready' })
    expect(command.output[0]).toContain('"ready"')
    await (await command.connect()).nothingMore()
  })

  test('warns of a file that every user can read', async () => {
    const path = file('open.json', document(), 0o644)
    await using command = new Command('start', '--config', path)
    await command.ready()
    expect(JSON.parse(command.output[0]!)).toMatchObject({
      type: 'log',
      level: 'warn',
      message: expect.stringContaining(path),
    })
  })

  test('names a file that does not exist', async () => {
    await using command = new Command('start', '--config', join(folder, 'none.json'))
    const { code, messages } = await command.ended()
    expect(code).toBe(78)
    expect(messages).toEqual([expect.stringContaining(join(folder, 'none.json'))])
  })
})

describe('an invalid document', () => {
  test('has every fault logged with its path and without secrets, and exits with 78', async () => {
    const { code, messages, stdout, stderr } = await failing({
      version: 2,
      server: { port: 99_999, tls: { local_pk: '/k' } },
      apps: [
        { app_id: '1', key: 'k', secret: ['hush'] },
        { app_id: '1', secret: 'hush', ping_interval: 'hush-3600' },
      ],
    })
    expect(code).toBe(78)
    expect(messages.map(message => message.split(' ')[0]).sort()).toEqual([
      'apps.apps.0.secret',
      'apps.apps.1.app_id',
      'apps.apps.1.key',
      'apps.apps.1.ping_interval',
      'servers.reverb.options.tls.local_cert',
      'servers.reverb.port',
      'version',
    ])
    expect(stdout + stderr).not.toContain('hush')
    expect(stderr).toBe('')
  })

  test.each([
    ['', 'The configuration document is empty: write it with php artisan reverb:config --show-secrets.'],
    ['\n', 'The configuration document is empty: write it with php artisan reverb:config --show-secrets.'],
    ['{"version":1,', 'The configuration document is not JSON: write it with php artisan reverb:config --show-secrets.'],
    ['[1]\n', 'must be an array with keys'],
  ])('exits with 78: %j', async (text, said) => {
    const { code, messages } = await failing(text)
    expect(code).toBe(78)
    expect(messages).toEqual([expect.stringContaining(said)])
  })

  test('is also one that names a certificate which cannot be read', async () => {
    const { code, messages } = await failing(document({ server: { tls: { local_cert: join(folder, 'no.pem') } } }))
    expect(code).toBe(78)
    expect(messages).toEqual([expect.stringContaining('servers.reverb.options.tls.local_cert cannot be read')])
  })

  test.each([
    ['scaling', { enabled: true, secret: 'hush' }, 'servers.reverb.scaling.server.context.stream.cafile (REVURB_REDIS_CAFILE)'],
    ['restart', { key: 'k' }, 'restart.server.tls.cafile'],
  ])('is also one that names such a certificate for the Redis of %s', async (use, more, place) => {
    const cafile = join(folder, 'no.pem')
    const server = { password: 'hush', tls: { cafile } }
    const { code, messages, stdout } = await failing(document({ [use]: { ...more, server } }))
    expect(code).toBe(78)
    expect(messages).toEqual([expect.stringContaining(`${place} cannot be read`)])
    expect(messages[0]).toContain(cafile)
    expect(stdout).not.toContain('hush')
  })
})

describe('a server that cannot listen', () => {
  test('names the process that has the port, and exits with 69', async () => {
    const taken = createServer()
    const port = await new Promise<number>(resolve => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
    })
    const { code, messages, stdout, stderr } = await failing(document({ server: { port } }))
    taken.close()
    expect(code).toBe(69)
    expect(messages).toEqual([
      expect.stringMatching(
        new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use by process ${process.pid} \\(.+\\)\\. End it, or .*\\.$`),
      ),
    ])
    expect(stdout).not.toContain('"ready"')
    expect(stderr).toBe('')
  })

  test.each(['192.0.2.1', 'nosuch.invalid', 'http://0.0.0.0', '127.0.0.1:8080', '*'])(
    'names the host %s, and exits with 69',
    async host => {
      const { code, messages, stderr } = await failing(document({ server: { host } }))
      expect(code).toBe(69)
      expect(messages).toEqual([expect.stringContaining(`servers.reverb.host (REVERB_SERVER_HOST, --host) is "${host}"`)])
      expect(stderr).toBe('')
    },
  )
})

/** The code on which clients reconnect at once: another server takes them over. */
const restart = { code: 4200, reason: 'Server is going away, please reconnect' }
/** The code on which clients reconnect after a second: no server listens for a moment. */
const stopped = { code: 1001, reason: 'Server is stopping' }

describe('the end of a server', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGTSTP', 'SIGQUIT'] as const)(
    'by %s closes all sockets with 1001, and exits with 0',
    async signal => {
      await using command = await Command.started()
      const clients = [await command.connect(), await command.connect()]
      await clients[0]!.subscribe('news')
      command.kill(signal)
      for (const client of clients) expect(await client.closed).toEqual(stopped)
      const { code, messages, stderr } = await command.ended()
      expect([code, stderr]).toEqual([0, ''])
      expect(messages).toEqual(['Stopping', 'Stopped'])
    },
  )

  test('is not caused by SIGHUP where it has a parent, which receives it from a closed terminal, too', async () => {
    await using command = await Command.started()
    const client = await command.connect()
    command.kill('SIGHUP')
    command.kill('SIGHUP')
    await client.untilPong()
    command.end()
    expect(await client.closed).toEqual(stopped)
    expect((await command.ended()).code).toBe(0)
  })

  test('is caused by SIGHUP where it has no parent, however often it comes', async () => {
    await using command = new Command('start', '--config', file('hang-up.json', document()))
    await command.ready()
    const client = await command.connect()
    for (let i = 0; i < 3; i++) command.kill('SIGHUP')
    expect(await client.closed).toEqual(stopped)
    expect((await command.ended()).code).toBe(0)
  })

  test('is not caused by SIGHUP where that is ignored at the start, as with `nohup`', async () => {
    await using command = new Command({ inherited: "trap '' HUP" }, 'start', '--config', file('nohup.json', document()))
    await command.ready()
    const client = await command.connect()
    command.kill('SIGHUP')
    await client.untilPong()
    command.kill('SIGTERM')
    expect(await client.closed).toEqual(stopped)
    expect((await command.ended()).code).toBe(0)
  })

  test('is caused by the end of stdin', async () => {
    await using command = await Command.started()
    const client = await command.connect()
    command.end()
    expect(await client.closed).toEqual(stopped)
    expect((await command.ended()).code).toBe(0)
  })

  test('follows a complete start where stdin ends with the document', async () => {
    await using command = new Command('start')
    command.end(`${JSON.stringify(document())}\n`)
    const { code, stdout } = await command.ended()
    expect(code).toBe(0)
    expect(stdout).toContain('"ready"')
  })

  test('closes all clients at once: none is sent that others have left', async () => {
    await using command = await Command.started()
    const clients = await Promise.all(Array.from({ length: 50 }, () => command.connect()))
    for (const [i, client] of clients.entries()) await client.subscribe('presence-x', { app, member: { user_id: i } })
    for (const client of clients) await client.untilPong()
    command.kill('SIGTERM')
    for (const client of clients) expect(await client.closed).toEqual(stopped)
    for (const client of clients) expect(client.rest()).toEqual([])
  })

  test('answers a request that has begun', async () => {
    await using command = await Command.started()
    const client = await command.connect()
    await client.subscribe('news')
    const body = JSON.stringify({ name: 'e', channel: 'news', data: 'the last' })
    const path = '/apps/1001/events'
    const target = `${path}?${signedQuery(app, { method: 'POST', path, body })}`
    const publisher = await Connection.open(command.port)
    publisher.write(`POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`)
    // Answered after the server has begun to read the other one.
    await (await command.connect()).nothingMore()
    command.kill('SIGTERM')
    await command.next('log', { message: 'Stopping' })
    publisher.write(body.slice(9))
    expect((await publisher.response()).status).toBe(200)
    expect(await client.next()).toMatchObject({ event: 'e', data: 'the last' })
    expect(await client.closed).toEqual(stopped)
    expect((await command.ended()).code).toBe(0)
  })

  test('sends the parent channel_removed for every channel, however many there are', async () => {
    await using command = await Command.started(document({ events: ['channel_removed'] }))
    const client = await command.connect()
    const names = Array.from({ length: 3000 }, (_, i) => `a-channel-with-a-name-that-takes-some-room-in-a-pipe-${i}`)
    for (const name of names) client.send({ event: 'pusher:subscribe', data: { channel: name } })
    await client.untilPong()
    command.kill('SIGTERM')
    const { code, stdout } = await command.ended()
    const lines = stdout.split('\n').map(line => JSON.parse(line))
    const removed = lines.flatMap(({ type, events }) => (type === 'events' ? events : []))
    expect(code).toBe(0)
    expect(removed.map(({ channel }) => channel).sort()).toEqual(names.sort())
  })
})

describe('a hand-over', () => {
  /** A second server beside the first, as the parent of both has it. */
  async function beside(first: Command): Promise<Command> {
    const peer = join(mkdtempSync(join(folder, 'peer-')), 'peer.sock')
    first.writeLine({ command: 'hand-over', peer })
    first.end()
    while (!existsSync(peer)) await Bun.sleep(5)
    return Command.started(document({ server: { port: first.port }, hand_over: { address: `127.0.0.1:${first.port}`, peer } }))
  }

  test('leaves the port to the next server, which listens before the first one stops', async () => {
    await using first = await Command.started()
    const old = await first.connect()
    await using second = await beside(first)
    await old.nothingMore()
    first.kill('SIGTERM')
    expect(await old.closed).toEqual(restart)
    const { code, messages } = await first.ended()
    expect([code, messages]).toEqual([0, ['Draining', 'Stopped']])
    await (await second.connect()).nothingMore()
  })

  test('shares events, whispers and members between the two servers', async () => {
    await using first = await Command.started()
    const old = await first.connect()
    await old.subscribe('news')
    await old.subscribe('private-x', { app })
    await old.subscribe('presence-x', { app, member: { user_id: 'old' } })
    await using second = await beside(first)
    // Which of the two takes a new socket is the system's choice: enough of them are on both.
    const others = await Promise.all(Array.from({ length: 32 }, () => first.connect()))
    for (const other of others) {
      await other.subscribe('news')
      await other.subscribe('private-x', { app })
    }
    const path = '/apps/1001/events'
    const body = '{"name":"e","channel":"news","data":"d"}'
    const query = signedQuery(app, { method: 'POST', path, body })
    for (let i = 0; i < 8; i++) {
      await fetch(`http://127.0.0.1:${first.port}${path}?${query}`, { method: 'POST', body, headers: { Connection: 'close' } })
    }
    old.send({ event: 'client-a', channel: 'private-x', data: {} })
    for (const client of [old, ...others]) {
      const expected = [...(client === old ? [] : ['client-a']), ...Array.from({ length: 8 }, () => 'e')]
      const events: string[] = []
      while (events.length < expected.length) events.push((await client.next()).event)
      // What comes by way of the other server may come after what this one has itself.
      expect(events.sort()).toEqual(expected)
      await client.nothingMore()
      // Whichever of the two it is on, it sees who is on the other.
      if (client === old) continue
      const { data } = await client.subscribe('presence-x', { app, member: { user_id: 'new' } })
      expect(JSON.parse(data as string).presence.ids).toContain('old')
    }
    first.kill('SIGTERM')
    await old.closed
    expect((await first.ended()).code).toBe(0)
    await (await second.connect()).nothingMore()
  })

  test('ends at once at a second signal', async () => {
    await using first = await Command.started(document({ server: { drain_seconds: 3600 } }))
    // So many that the drain goes on for a while: 100 leave with each wave, ten times a second.
    await Promise.all(Array.from({ length: 1000 }, () => first.connect()))
    await using second = await beside(first)
    first.kill('SIGTERM')
    await first.next('log', { message: 'Draining' })
    first.kill('SIGINT')
    const { code, messages } = await first.ended()
    expect([code, messages]).toEqual([130, ['Draining']])
    await (await second.connect()).nothingMore()
  })

  test('is requested by the parent with SIGUSR2: a signal that follows does not interrupt the drain', async () => {
    await using first = await Command.started(document({ server: { drain_seconds: 0 } }))
    const client = await first.connect()
    await using _second = await beside(first)
    first.kill('SIGUSR2')
    await first.next('log', { message: 'Draining' })
    first.kill('SIGTERM')
    expect(await client.closed).toEqual(restart)
    const { code, messages } = await first.ended()
    expect([code, messages]).toEqual([0, ['Draining', 'Stopped']])
  })

  test('has no successor where both servers stop: neither sends its clients to the other', async () => {
    await using first = await Command.started(document({ server: { drain_seconds: 3600 } }))
    const old = await Promise.all(Array.from({ length: 150 }, () => first.connect()))
    await using second = await beside(first)
    second.kill('SIGTERM')
    expect((await second.ended()).messages).toEqual(['Stopping', 'Stopped'])
    first.kill('SIGUSR2')
    for (const client of old) expect(await client.closed).toEqual(stopped)
    expect((await first.ended()).code).toBe(0)
  })

  test('leaves the server running where no other one connects', async () => {
    await using first = await Command.started()
    first.writeLine({ command: 'hand-over', peer: '/nowhere/at/all/peer.sock' })
    await first.next('log', { level: 'warn' })
    first.end()
    await (await first.connect()).nothingMore()
  })

  test.each([undefined, { address: '127.0.0.1:1', peer: '/nowhere/peer.sock' }])(
    'needs the address of the running server, and fails on a port in use otherwise: %j',
    async hand_over => {
      await using first = await Command.started()
      const { code, messages } = await failing(document({ server: { port: first.port }, hand_over }))
      expect(code).toBe(69)
      expect(messages).toEqual([expect.stringContaining(`Port ${first.port} on 127.0.0.1 is in use`)])
      await (await first.connect()).nothingMore()
    },
  )

  test('closes the connections of publishers with an answer, while the server still accepts new ones', async () => {
    await using first = await Command.started()
    // Of the first server: which one takes a connection is the system's choice once there are two.
    const publisher = await Connection.open(first.port)
    const ask = () => publisher.write('GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n')
    ask()
    expect((await publisher.response()).headers.get('connection')).toBeNull()
    await using _second = await beside(first)
    first.kill('SIGTERM')
    await first.next('log', { message: 'Draining' })
    ask()
    const { status, headers } = await publisher.response()
    expect([status, headers.get('connection')]).toEqual([200, 'close'])
    await publisher.ended
    expect((await first.ended()).code).toBe(0)
  })
})

describe('events for listeners in the application', () => {
  test('are sent where the document asks for them', async () => {
    const events = ['message_received', 'message_sent', 'channel_created', 'channel_removed']
    await using command = await Command.started(document({ events }))
    const client = await command.connect({ origin: 'https://chat.test' })
    const seen: { event: string; last_seen_at?: number }[] = []
    const until = async (event: string) => {
      while (!seen.some(other => other.event === event)) seen.push(...((await command.next('events')).events as typeof seen))
    }
    await client.subscribe('news')
    await until('channel_created')
    client.unsubscribe('news')
    await client.nothingMore()
    await until('channel_removed')
    const socket = client.socketId
    const subscribing = '{"event":"pusher:subscribe","data":{"channel":"news"}}'
    const received = seen.find(({ event }) => event === 'message_received')!
    expect(received).toEqual({
      event: 'message_received',
      app: '1001',
      socket,
      origin: 'https://chat.test',
      last_seen_at: expect.any(Number),
      pinged: false,
      message: subscribing,
    } as never)
    expect(Math.abs(received.last_seen_at! - Date.now() / 1000)).toBeLessThan(60)
    expect(seen).toContainEqual({ event: 'channel_created', app: '1001', channel: 'news' } as { event: string })
    expect(seen).toContainEqual({ event: 'channel_removed', app: '1001', channel: 'news' } as { event: string })
    expect(seen.filter(({ event }) => event === 'message_sent')[0]).toMatchObject({ app: '1001', socket })
  })

  test('are not sent otherwise', async () => {
    await using command = await Command.started(document({ events: ['channel_removed'] }))
    const client = await command.connect()
    await client.subscribe('news')
    client.unsubscribe('news')
    await client.nothingMore()
    expect((await command.next('events')).events).toEqual([{ event: 'channel_removed', app: '1001', channel: 'news' }])
    command.kill('SIGTERM')
    const { stdout } = await command.ended()
    expect(stdout).not.toMatch(/"event":"message_/)
    expect(stdout).not.toContain('channel_created')
  })

  test('include a connection that was pruned', async () => {
    await using command = await Command.started(document({ events: ['connection_pruned'], app: { ping_interval: 1 } }))
    const client = await command.connect()
    expect((await command.next('events')).events).toEqual([
      {
        event: 'connection_pruned',
        app: '1001',
        socket: client.socketId,
        origin: null,
        last_seen_at: expect.any(Number),
        pinged: true,
      },
    ])
    expect((await client.closed).code).toBe(4201)
  })
})

describe('commands on stdin', () => {
  test('add and remove apps, without a disconnect of the others', async () => {
    const one = { app_id: '1001', key: 'app-key', secret: 'app-secret' }
    const two = { app_id: '1002', key: 'second-key', secret: 'second-secret' }
    await using command = await Command.started()
    const client = await command.connect()
    command.writeLine({ command: 'apps', apps: [one, two] })
    await command.next('log', { message: 'Applications reloaded' })
    const second = await command.connect({ key: 'second-key' })
    command.writeLine({ command: 'apps', apps: [one] })
    expect(await second.closed).toEqual({ code: 4001, reason: 'Application does not exist' })
    await client.nothingMore()
  })

  test('send to one socket, and disconnect it', async () => {
    await using command = await Command.started()
    const [target, other] = [await command.connect(), await command.connect()]
    const socket = target.socketId
    command.writeLine({ command: 'send', app: '1001', socket, message: '{"event":"from-the-parent"}' })
    expect(await target.next()).toEqual({ event: 'from-the-parent' })
    command.writeLine({ command: 'disconnect', app: '1001', socket })
    expect(await target.closed).toEqual({ code: 4200, reason: 'Disconnected by the application' })
    await other.nothingMore()
  })

  test('that are invalid are logged without their content, and later ones are executed', async () => {
    await using command = await Command.started()
    const client = await command.connect()
    const socket = client.socketId
    for (const line of ['hush', '{"command":"stop"}', '', JSON.stringify({ command: 'send', app: '9', socket, message: 'hush' })])
      command.writeLine(line)
    command.writeLine({ command: 'send', app: '1001', socket, message: '{"event":"last"}' })
    expect(await client.next()).toEqual({ event: 'last' })
    command.end()
    const { messages, stdout } = await command.ended()
    expect(messages.filter(message => message.startsWith('A command on stdin was ignored'))).toHaveLength(4)
    expect(stdout).not.toContain('hush')
  })
})

test('message sizes of 0 in the document allow 16 MiB', async () => {
  const [mebibyte, tooMuch] = ['x'.repeat(2 ** 20), 'x'.repeat(16 * 2 ** 20)]
  await using command = await Command.started(
    document({ server: { max_request_size: '0' }, app: { max_message_size: '0', accept_client_events_from: 'all' } }),
  )
  const [sender, receiver] = [await command.connect(), await command.connect()]
  await receiver.subscribe('news')
  sender.send({ event: 'client-large', channel: 'news', data: mebibyte })
  expect(await receiver.next()).toEqual({ event: 'client-large', channel: 'news', data: mebibyte })
  expect(await publish(command.port, 'news', mebibyte)).toBe(200)
  expect(await receiver.next()).toEqual({ event: 'e', channel: 'news', data: mebibyte })
  expect(await publish(command.port, 'news', tooMuch)).toBe(413)
  sender.send({ event: 'client-large', channel: 'news', data: tooMuch })
  expect(await sender.closed).toMatchObject({ code: 1009 })
})

describe('the debug log', () => {
  test('has connections and messages, with signatures and users masked', async () => {
    await using command = await Command.started(document({ debug: true }))
    const client = await command.connect()
    const member = { user_id: 1, user_info: { name: 'HUSH', more: { name: 'HUSH' } } }
    await client.subscribe('presence-x', { app, member })
    await client.untilPong()
    command.kill('SIGTERM')
    const { messages, stdout } = await command.ended()
    expect(messages).toContain('Message received')
    expect(messages).toContain('Message sent')
    expect(messages).toContain('Channel created')
    expect(stdout).toContain('pusher:subscribe')
    expect(stdout).not.toContain('app-key:')
    expect(stdout).not.toContain('HUSH')
  })

  test('prints console tags of a message as text', async () => {
    await using command = await Command.started(document({ debug: true }))
    const client = await command.connect()
    client.send('<fg=nosuch>')
    client.send('{"event":"client-<fg=nosuch>x</><options=none>","channel":"news","data":"\\u001b[31m"}')
    expect((await client.untilPong()).map(({ event }) => event)).toEqual(['pusher:error'])
    command.kill('SIGTERM')
    const { code, stdout, stderr } = await command.ended()
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('<fg=nosuch>')
    expect(stdout).not.toContain('\u001b')
  })

  test('is empty without debug', async () => {
    await using command = await Command.started()
    await (await command.connect()).nothingMore()
    command.kill('SIGTERM')
    expect((await command.ended()).stdout).not.toContain('"debug"')
  })
})

test('a stream of large events to the parent closes no socket', async () => {
  await using command = await Command.started(document({ events: ['message_sent'], app: { max_message_size: 100_000 } }))
  const clients = [await command.connect(), await command.connect()]
  for (const client of clients) await client.subscribe('news')
  const data = 'x'.repeat(50_000)
  for (let i = 0; i < 40; i++) clients[0]!.send({ event: 'client-a', channel: 'news', data })
  await clients[0]!.nothingMore()
  expect(await clients[1]!.untilPong()).toHaveLength(40)
})
