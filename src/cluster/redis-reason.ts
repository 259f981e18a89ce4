/** Explains why Redis cannot be reached, and which setting to change. */
import { type Redis, type RedisOptions, SentinelConnector } from 'ioredis'

/** An error message of a TLS library → what to do about it, by the name of a setting and by its variable, which scaling alone has. */
const remedies: readonly (readonly [message: RegExp, remedy: string])[] = [
  [
    /self.signed certificate|unable to (get|verify)/i,
    'its certificate is of a CA that is not trusted: name the CA in cafile, for scaling REVURB_REDIS_CAFILE',
  ],
  [
    /certificate's altnames/,
    'its certificate is for another name: set peer_name, for scaling REVURB_REDIS_PEER_NAME, to a name in the certificate',
  ],
  [
    /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)/,
    'it asks this server for a certificate: name one in local_cert, for scaling REVURB_REDIS_CERT',
  ],
  [/ALERT_UNKNOWN_CA/, 'it does not trust the CA of the certificate in local_cert, for scaling REVURB_REDIS_CERT'],
]

/** ioredis's message for a connection that has closed, whatever the cause. */
const closed = 'Connection is closed.'

/** Explains the errors of one client. It records those of single connections, which the client's own errors do not name. */
export class ErrorExplainer {
  private lastMessage: string | undefined

  /** Records the error of a connection to one of several hosts. */
  record({ message }: Error): void {
    this.lastMessage = message
  }

  /** The message of an error of the client, with its cause and what to do. */
  explain(error: Error): string {
    const message = this.withCause(error)
    const remedy = remedies.find(([pattern]) => pattern.test(message))?.[1]
    return remedy === undefined ? message : `${message} (${remedy})`
  }

  private withCause(error: Error): string {
    const [summary, causeOfLast] = unreachable(error) ?? []
    if (summary === undefined) this.record(error)
    const cause = causeOfLast === undefined || causeOfLast === closed ? this.lastMessage : causeOfLast
    return summary === undefined || cause === undefined ? error.message : `${summary}: ${cause}`
  }
}

/** Where none of several hosts can be reached: the client's message for that, and the error of the last host. */
function unreachable(error: Error & { lastNodeError?: Error | null }): [summary: string, cause: string | undefined] | undefined {
  const sentinels = /^(All sentinels are unreachable)\.(?:.*Last error: (.*))?/.exec(error.message)
  if (sentinels !== null) return [sentinels[1]!, sentinels[2]]
  const cluster = /^(Failed to refresh slots cache)\./.exec(error.message)
  return cluster === null ? undefined : [cluster[1]!, error.lastNodeError?.message]
}

type Connector = NonNullable<RedisOptions['Connector']>
/** A method that ioredis's types declare private. */
type ConnectsToSentinels = new (options: object) => { connectToSentinel(...args: unknown[]): Redis }

/** ioredis's connector for Sentinel, with the errors of its connections to the sentinels. */
export function sentinelConnector(onError: (error: Error) => void): Connector {
  const connector = class extends (SentinelConnector as unknown as ConnectsToSentinels) {
    override connectToSentinel(...args: unknown[]): Redis {
      return super.connectToSentinel(...args).on('error', onError)
    }
  }
  return connector as unknown as Connector
}

/** Forwards the errors of the connections on which a cluster is asked for its servers. */
export function forwardErrors(node: Redis, onError: (error: Error) => void): void {
  const duplicate = node.duplicate.bind(node)
  node.duplicate = override => duplicate(override).on('error', onError)
}
