/** The address of Redis, with the credentials and the TLS settings for it. */
export type RedisAddress = {
  /** With `single` the hosts have the one server, with `sentinels` its sentinels, with `cluster` some of its servers. */
  readonly kind: 'single' | 'sentinels' | 'cluster'
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** The name of the server on its sentinels. */
  readonly masterName: string
  readonly username: string | null
  readonly password: string | null
  readonly sentinelPassword: string | null
  readonly database: number
  /** null: connections are in plain text. */
  readonly tls: RedisTls | null
  readonly connectTimeoutMs: number
}

/** Certificates and keys as PEM. */
export type RedisTls = {
  /** The CA of Redis's certificate; null: the CAs that the system trusts. */
  readonly ca: string | null
  /** The certificate that this server presents to Redis. */
  readonly identity: { readonly cert: string; readonly key: string; readonly passphrase: string | null } | null
  readonly verifiesPeer: boolean
  readonly verifiesName: boolean
  /** The name that Redis's certificate must have; null: the host. */
  readonly name: string | null
}
