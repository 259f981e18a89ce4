/** The connections of a flood: each is opened again as soon as the server has closed it. */
import type { Socket } from 'bun'
import { type Address, upgrade } from 'revurb-bench/load/client.ts'
import { FrameSplitter } from 'revurb-bench/load/frames.ts'
import type { Flood } from '../floods.ts'
import { type Outcome, OutcomeCounter } from './outcome.ts'
import { ResponseSplitter } from './responses.ts'

export type Bounds = {
  readonly seconds: number
  readonly maxConnections?: number
}

/** The limit of a flood, far above what a server on one core can read. */
const maxBytesPerSecond = 500_000_000
const usualMaxConnections = 100_000

/** How many buffers are written before responses are read. */
const buffersPerTurn = 8
const pauseMs = 5

const closeFrame = 0x88

/** Resolves when the time is over, or when that many connections have ended. */
export async function send(flood: Flood, at: Address, bounds: Bounds): Promise<Outcome> {
  using run = new Run(flood, at, bounds)
  const count = flood.kind === 'http' ? flood.connections : 1
  await Promise.all(Array.from({ length: count }, () => keepConnecting(run)))
  return run.counter.outcome
}

/** The state that the connections of one flood share. */
class Run implements Disposable {
  readonly counter = new OutcomeCounter()
  readonly open = new Set<Connection>()
  isOver = false
  private readonly beganMs = performance.now()
  private readonly timer: Timer

  constructor(
    readonly flood: Flood,
    readonly at: Address,
    private readonly bounds: Bounds,
  ) {
    this.timer = setTimeout(() => this.end(), bounds.seconds * 1000)
  }

  get mayConnect(): boolean {
    const { connections, failedConnections } = this.counter
    const { maxConnections = usualMaxConnections } = this.bounds
    return !this.isOver && connections + failedConnections < maxConnections
  }

  get maySend(): boolean {
    const seconds = (performance.now() - this.beganMs) / 1000 + 0.1
    return this.counter.bytesSent < seconds * maxBytesPerSecond
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer)
  }

  private end(): void {
    this.isOver = true
    for (const connection of this.open) connection.cut()
  }
}

async function keepConnecting(run: Run): Promise<void> {
  while (run.mayConnect) {
    const connection = new Connection(run)
    run.open.add(connection)
    await connection.ended()
    run.open.delete(connection)
  }
}

class Connection {
  private socket: Socket<Connection> | undefined
  private readonly done = Promise.withResolvers<void>()
  private isOver = false
  private waitsForDrain = false
  /** What is sent now: `first` and then, again and again, `repeated`. */
  private bytes = Buffer.alloc(0)
  private offset = 0
  private repeated = Buffer.alloc(0)
  /** When `repeated` is to be sent again, where it is paced. */
  private dueMs: number | undefined
  private read: (chunk: Buffer) => void

  constructor(private readonly run: Run) {
    this.read = run.flood.kind === 'http' ? this.answers() : this.upgrade()
  }

  /** Opens the connection. Resolves when it has ended. */
  async ended(): Promise<void> {
    const { host, port } = this.run.at
    try {
      this.socket = await Bun.connect<Connection>({ hostname: host, port, data: this, socket: callbacks })
    } catch {
      this.run.counter.failedConnections++
      await Bun.sleep(pauseMs)
      return
    }
    this.run.counter.connections++
    if (this.isOver) return void this.socket.terminate()
    const { flood } = this.run
    if (flood.kind === 'http') this.begin(flood.bytes())
    else this.socket.write(upgrade)
    await this.done.promise
  }

  take(chunk: Buffer): void {
    this.run.counter.bytesReceived += chunk.length
    if (!this.isOver) this.read(chunk)
  }

  onDrain(): void {
    if (!this.waitsForDrain) return
    this.waitsForDrain = false
    this.pump()
  }

  /** The server, or the kernel, has ended the connection. */
  connectionLost(how: string): void {
    if (this.isOver) return
    this.run.counter.closed(how)
    this.cut()
  }

  cut(): void {
    this.isOver = true
    this.socket?.terminate()
    this.done.resolve()
  }

  private begin(repeated: Buffer, first?: Buffer): void {
    this.repeated = repeated as Buffer<ArrayBuffer>
    this.bytes = (first === undefined || first.length === 0 ? repeated : first) as Buffer<ArrayBuffer>
    this.pump()
  }

  /** Writes until the kernel's buffer is full; `onDrain` continues. */
  private readonly pump = (): void => {
    for (let buffers = 0; buffers < buffersPerTurn; buffers++) {
      if (this.isOver) return
      if (!this.run.maySend) return void setTimeout(this.pump, pauseMs)
      const wanted = this.bytes.length - this.offset
      const written = this.socket!.write(this.bytes, this.offset, wanted)
      if (written < 0) return void this.connectionLost('reset')
      this.run.counter.bytesSent += written
      this.offset += written
      if (written < wanted) {
        this.waitsForDrain = true
        return
      }
      this.bytes = this.repeated
      this.offset = 0
      const { flood } = this.run
      if (flood.kind === 'websocket' && flood.everyMs !== undefined) return void this.pace(flood.everyMs)
    }
    setImmediate(this.pump)
  }

  /** Late timers are made up for: what is due follows at once. */
  private pace(everyMs: number): void {
    const nowMs = performance.now()
    this.dueMs = (this.dueMs ?? nowMs) + everyMs
    setTimeout(this.pump, Math.max(0, this.dueMs - nowMs))
  }

  private answers(): (chunk: Buffer) => void {
    const splitter = new ResponseSplitter(status => this.run.counter.answered(status))
    return chunk => splitter.take(chunk)
  }

  /** Reads the response to the handshake and `connection_established`, then begins to send. */
  private upgrade(): (chunk: Buffer) => void {
    let head = Buffer.alloc(0)
    return chunk => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      this.run.counter.answered(head.toString('latin1', 9, 12))
      const frames = new FrameSplitter((bytes, start, length) => this.frame(bytes, start, length))
      this.read = chunk => frames.push(chunk)
      frames.push(head.subarray(end + 4))
    }
  }

  private frame(bytes: Buffer, start: number, length: number): void {
    if (this.isOver) return
    // A close frame is short, so that its first byte is two before its payload.
    if (length < 126 && bytes[start - 2] === closeFrame) {
      this.connectionLost(length < 2 ? 'end' : String(bytes.readUInt16BE(start)))
    } else if (this.repeated.length === 0) this.established(bytes.toString('latin1', start, start + length))
  }

  private established(text: string): void {
    const socketId = /\d+\.\d+/.exec(text)?.[0]
    if (socketId === undefined || this.run.flood.kind === 'http') return
    const { first, repeated } = this.run.flood.bytes(socketId)
    this.begin(repeated, first)
  }
}

const callbacks = {
  data: ({ data }: Socket<Connection>, chunk: Buffer) => data.take(chunk),
  drain: ({ data }: Socket<Connection>) => data.onDrain(),
  end: ({ data }: Socket<Connection>) => data.connectionLost('end'),
  error: ({ data }: Socket<Connection>) => data.connectionLost('reset'),
  close: ({ data }: Socket<Connection>) => data.connectionLost('end'),
}
