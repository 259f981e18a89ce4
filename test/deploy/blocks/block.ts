/** A part of a proxy's configuration as it is used in front of Reverb, and which requests get through it. */

/** The outcome of each request that was tried: `ok`, or the answer in its place. */
export type Outcomes = {
  /** A client connects, subscribes to a private and a presence channel, and its ping is answered. */
  socket: string
  /** The server sees the Origin of a client: an app that accepts one origin accepts that and no other. */
  origin: string
  /** Two events that Laravel publishes with Pusher's SDK over one connection are delivered. */
  publish: string
  /** A batch of events is delivered. */
  batch: string
  /** Pusher's SDK lists the users of a presence channel. */
  users: string
  /** Pusher's SDK requests a channel whose name is encoded in the path. */
  encoded: string
  /** Two requests over one connection are answered. */
  kept: string
  health: string
}

export type Block = {
  readonly name: string
  /** 127.0.0.1:8080 is the server, 127.0.0.1:8081 one with REVERB_SERVER_PATH=ws. */
  readonly text: string
  /** What else stands beside the block that is the site's own. */
  readonly beside?: string
  /** What clients have as `wsPath`, and publishers, with a slash behind it, as `path`. */
  readonly prefix?: string
  /** What does not get through, with the answer in its place. */
  readonly except?: Partial<Outcomes>
  /** The outcomes with Laravel Reverb behind the same block, where they differ. */
  readonly reverb?: Partial<Outcomes>
}

const everything: Outcomes = {
  socket: 'ok',
  origin: 'ok',
  publish: 'ok',
  batch: 'ok',
  users: 'ok',
  encoded: 'ok',
  kept: 'ok',
  health: 'ok',
}

/** @param isReverb whether Laravel Reverb is behind the block */
export function expected({ except, reverb }: Block, isReverb: boolean): Outcomes {
  return { ...everything, ...except, ...(isReverb ? reverb : {}) }
}

/** One answer for several attempts. */
export function all(names: readonly (keyof Outcomes)[], answer: string): Partial<Outcomes> {
  return Object.fromEntries(names.map(name => [name, answer]))
}

/** Everything that needs a signature. */
export const api = ['publish', 'batch', 'users', 'encoded', 'kept'] as const
export const sockets = ['socket', 'origin'] as const

/** Reverb refuses some handshakes in HTTP and then sends WebSocket frames over the same connection. */
export const endless = 'an answer without an end'
