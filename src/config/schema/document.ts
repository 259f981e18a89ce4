/** What only the document has: the program that starts a server writes it, and no configuration. */
import type { Rows } from './row.ts'

export const document = {
  version: {
    name: 'version',
    type: 'integer',
    default: 1,
    isRequired: true,
    meaning: '`1`',
  },
  debug: { name: 'debug', type: 'boolean', default: false, meaning: 'Log every message' },
  handOver: {
    name: 'hand_over',
    type: 'object',
    default: null,
    meaning:
      '`{address, peer}`. `address` is the `host:port`, as in the `ready` line, of a Revurb server that is about to stop; any other port that is in use is an error. `peer` is the Unix socket on which that server waits for this one',
  },
  restart: {
    name: 'restart',
    type: 'object',
    default: null,
    meaning:
      "`{key, server}`: the restart flag in Laravel's cache, with every prefix, and its Redis, as in `scaling.server`. When the flag appears or changes, the server stops with 0. Only `reverb:config` writes it",
  },
  events: {
    name: 'events',
    type: 'texts',
    default: [],
    meaning:
      'Events that the parent receives: `message_received`, `message_sent`, `channel_created`, `channel_removed`, `connection_pruned`',
  },
  acknowledgesEvents: {
    name: 'acknowledges_events',
    type: 'boolean',
    default: false,
    meaning:
      '`true`: the parent sends `events-announced` for each line of events, and the server sends the next line then. Otherwise the server sends the next line when the pipe has taken the one before',
  },
} as const satisfies Rows
