import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  connectToUnixSocket,
  type HandOverBackplane,
  listenOnUnixSocket,
  removeUnixSocket,
  type UnixSocketOptions,
} from '../../src/cluster/unix-socket.ts'
import { listenerInto } from '../support/backplane-nodes.ts'
import { until } from '../support/until.ts'

/** A sleep that a test ends. */
class Sleep {
  private readonly slept = Promise.withResolvers<void>()
  readonly asked: number[] = []

  readonly start = (ms: number): Promise<void> => {
    this.asked.push(ms)
    return this.slept.promise
  }

  end(): void {
    this.slept.resolve()
  }
}

/** One end of the Unix socket: what its listener was called with, in order. */
class End {
  readonly calls: string[] = []
  readonly moved: number[] = []
  readonly sleep = new Sleep()
  /** What the backplane has deferred, until the test runs it. Undefined: it runs at once. */
  deferred: (() => void)[] | undefined
  backplane!: HandOverBackplane

  constructor(private readonly path: string) {}

  async listen(): Promise<this> {
    this.backplane = await listenOnUnixSocket(this.options)
    return this
  }

  async connect(): Promise<this> {
    this.backplane = await connectToUnixSocket(this.options, sockets => this.moved.push(sockets))
    return this
  }

  private get options(): UnixSocketOptions {
    const defer = (act: () => void) => void (this.deferred === undefined ? setImmediate(act) : this.deferred.push(act))
    return { path: this.path, listener: listenerInto(this.calls), defer, sleep: this.sleep.start }
  }

  /** Resolves when the listener was called with this. */
  async hears(call: string): Promise<void> {
    await until(`the listener is called with ${call}`, () => this.calls.includes(call))
  }
}

const newPath = () => join(mkdtempSync(join(tmpdir(), 'revurb-unix-socket-')), 'backplane.sock')

/** Two connected ends. */
async function pair(): Promise<[End, End]> {
  const path = newPath()
  const one = await new End(path).listen()
  const two = await new End(path).connect()
  for (const end of [one, two]) await end.hears('connected')
  return [one, two]
}

const opened: Socket[] = []
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
})

/** A bare connection to an end that listens: it does only what the test does with it. */
async function rawConnection(path: string): Promise<Socket> {
  const socket = connect(path)
  opened.push(socket)
  socket.on('error', () => {})
  await new Promise<void>(resolve => socket.once('connect', () => resolve()))
  return socket
}

/** A bare server. @returns the connection that it accepts, later */
async function rawServer(path: string): Promise<() => Promise<Socket>> {
  const server = createServer()
  const accepted = new Promise<Socket>(resolve => server.once('connection', resolve))
  await new Promise<void>(resolve => server.listen(path, resolve))
  return async () => {
    const socket = await accepted
    opened.push(socket)
    server.close()
    return socket
  }
}

describe('a Unix socket', () => {
  test('connects one server: its file is removed, and no other one can connect', async () => {
    const path = newPath()
    const one = await new End(path).listen()
    await new End(path).connect()
    await one.hears('connected')
    expect(existsSync(dirname(path))).toBe(false)
    await expect(new End(path).connect()).rejects.toThrow()
  })

  test('that cannot be opened rejects, on either end', async () => {
    const path = join(newPath(), 'no-folder', 'backplane.sock')
    await expect(new End(path).listen()).rejects.toThrow()
    await expect(new End(path).connect()).rejects.toThrow()
  })

  test('whose folder has another file in it is removed alone', () => {
    const path = newPath()
    for (const file of [path, `${path}.other`]) writeFileSync(file, '')
    removeUnixSocket(path)
    removeUnixSocket(path)
    expect(readdirSync(dirname(path))).toHaveLength(1)
  })

  test('reports the number of moved sockets to the server that takes over, between the messages', async () => {
    const [one, two] = await pair()
    one.backplane.send('before')
    one.backplane.reportMoved(12)
    one.backplane.send('after')
    await two.hears('after')
    expect(two.calls).toEqual(['connected', 'before', 'after'])
    expect(two.moved).toEqual([12])
  })

  test('ignores such a report to the server that hands over', async () => {
    const [one, two] = await pair()
    two.backplane.reportMoved(12)
    two.backplane.send('after')
    await one.hears('after')
    expect(one.calls).toEqual(['connected', 'after'])
  })

  test('loses what is sent or reported before the other server has connected', async () => {
    const path = newPath()
    const one = await new End(path).listen()
    one.backplane.send('early')
    one.backplane.reportMoved(1)
    const two = await new End(path).connect()
    await one.hears('connected')
    one.backplane.send('late')
    await two.hears('late')
    expect([one.calls, two.calls, two.moved]).toEqual([['connected', 'late'], ['connected', 'late'], []])
  })

  test('calls the listener with nothing before it is connected, not even with what has arrived', async () => {
    const path = newPath()
    const accepted = await rawServer(path)
    const two = new End(path)
    two.deferred = []
    await two.connect()
    const socket = await accepted()
    await new Promise<void>(resolve => socket.write('early\nlast\n', () => resolve()))
    socket.end()
    two.backplane.send('early, too')
    expect(two.calls).toEqual([])
    for (const act of two.deferred) act()
    await two.hears('closed')
    expect(two.calls).toEqual(['connected', 'early', 'last', 'closed'])
  })

  test('gives a message back once the system has accepted it, and not while the other server does not read', async () => {
    const path = newPath()
    const one = await new End(path).listen()
    const reader = await rawConnection(path)
    reader.pause()
    await one.hears('connected')
    const long = 'x'.repeat(8_000_000)
    one.backplane.send('short')
    await one.hears('short')
    one.backplane.send(long)
    one.backplane.send('behind it')
    await new Promise(setImmediate)
    expect(one.calls).toEqual(['connected', 'short'])
    reader.resume()
    await one.hears('behind it')
    expect(one.calls).toEqual(['connected', 'short', long, 'behind it'])
  })
})

describe('an end of a Unix socket whose other end is gone', () => {
  test('has delivered all that was sent before, is closed once, and loses what is sent then', async () => {
    const [one, two] = await pair()
    one.backplane.send('last')
    await one.backplane.close()
    await two.hears('closed')
    two.backplane.send('lost')
    two.backplane.reportMoved(1)
    await two.backplane.close()
    expect(two.calls).toEqual(['connected', 'last', 'closed'])
  })

  test('is closed once also where it has crashed', async () => {
    const path = newPath()
    const one = await new End(path).listen()
    const crashing = await rawConnection(path)
    await one.hears('connected')
    one.backplane.send('unread')
    crashing.destroy()
    await one.hears('closed')
    expect(one.calls.filter(call => call === 'closed')).toHaveLength(1)
  })
})

describe('a closed end of a Unix socket', () => {
  test('neither sends nor delivers anything, whatever is in flight, and its listener is not called', async () => {
    const [one, two] = await pair()
    two.backplane.send('before')
    await one.hears('before')
    await two.hears('before')
    one.backplane.send('on its way')
    two.backplane.send('echo on its way')
    const closed = two.backplane.close()
    two.backplane.send('after')
    two.backplane.reportMoved(1)
    await closed
    await one.hears('closed')
    expect(one.calls).toEqual(['connected', 'before', 'on its way', 'echo on its way', 'closed'])
    expect(two.calls).toEqual(['connected', 'before'])
    expect(two.moved).toEqual([])
  })

  test('has waited for the other server to read what was sent before, for half a second at most', async () => {
    const path = newPath()
    const one = await new End(path).listen()
    const reader = await rawConnection(path)
    reader.pause()
    await one.hears('connected')
    one.backplane.send('x'.repeat(8_000_000))
    let isClosed = false
    const closed = one.backplane.close().then(() => {
      isClosed = true
    })
    await new Promise(setImmediate)
    expect([isClosed, one.sleep.asked]).toEqual([false, [500]])
    one.sleep.end()
    await closed
    expect(one.calls).toEqual(['connected'])
  })

  test('that nobody has connected to is closed at once, and accepts no connection', async () => {
    const path = newPath()
    const one = await new End(path).listen()
    await one.backplane.close()
    expect(one.sleep.asked).toEqual([])
    await expect(new End(path).connect()).rejects.toThrow()
  })

  test('ends a connection that was accepted in the same turn', async () => {
    const path = newPath()
    const one = new End(path)
    one.deferred = []
    await one.listen()
    const two = await new End(path).connect()
    await until('the connection is accepted', () => one.deferred!.length > 0)
    await one.backplane.close()
    for (const act of one.deferred) act()
    await two.hears('closed')
    expect(one.calls).toEqual([])
  })
})
