/** Why Redis cannot be reached, in words that say what to do. */
import { type Redis, type RedisOptions, SentinelConnector } from 'ioredis'

/** What TLS libraries say → what it means here. The names are those of the settings. */
const meanings: readonly (readonly [said: RegExp, meaning: string])[] = [
  [/self.signed certificate|unable to (get|verify)/i, 'its certificate is of a CA that is not trusted: name the CA in cafile'],
  [/certificate's altnames/, 'the name that its certificate has belongs into peer_name'],
  [/ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)/, 'it asks this server for a certificate: name one in local_cert'],
  [/ALERT_UNKNOWN_CA/, 'it does not trust the CA of the certificate in local_cert'],
]

/** Why it is, ioredis keeps to itself. */
const closed = 'Connection is closed.'

export class Reasons {
  private last: string | undefined

  /** Of a single host. */
  note({ message }: Error): void {
    this.last = message
  }

  /** Of the client. */
  of(error: Error): string {
    const reason = this.reason(error)
    const meaning = meanings.find(([pattern]) => pattern.test(reason))?.[1]
    return meaning === undefined ? reason : `${reason} (${meaning})`
  }

  private reason(error: Error): string {
    const [said, cause] = unreachable(error) ?? []
    if (said === undefined) this.note(error)
    const why = cause === undefined || cause === closed ? this.last : cause
    return said === undefined || why === undefined ? error.message : `${said}: ${why}`
  }
}

/** What is said where none of several hosts answers, and of the last of them. */
function unreachable(error: Error & { lastNodeError?: Error | null }): [said: string, cause: string | undefined] | undefined {
  const sentinels = /^(All sentinels are unreachable)\.(?:.*Last error: (.*))?/.exec(error.message)
  if (sentinels !== null) return [sentinels[1]!, sentinels[2]]
  const cluster = /^(Failed to refresh slots cache)\./.exec(error.message)
  return cluster === null ? undefined : [cluster[1]!, error.lastNodeError?.message]
}

type Connector = NonNullable<RedisOptions['Connector']>
/** Private in ioredis's types. */
type AsksSentinels = new (options: object) => { connectToSentinel(...how: unknown[]): Redis }

/** ioredis's own, and tells what becomes of the connections to sentinels. */
export function sentinelsThatTell(note: (error: Error) => void): Connector {
  const connector = class extends (SentinelConnector as unknown as AsksSentinels) {
    override connectToSentinel(...how: unknown[]): Redis {
      return super.connectToSentinel(...how).on('error', note)
    }
  }
  return connector as unknown as Connector
}

/** Tells what becomes of the connections on which a cluster is asked for its nodes. */
export function tellOf(node: Redis, note: (error: Error) => void): void {
  const duplicate = node.duplicate.bind(node)
  node.duplicate = override => duplicate(override).on('error', note)
}
