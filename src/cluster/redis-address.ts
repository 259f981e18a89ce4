/** Where Redis is, and how to get in. */
export type RedisAddress = {
  /** One server; with `sentinels` those who know where it is, with `cluster` some of its nodes. */
  readonly kind: 'single' | 'sentinels' | 'cluster'
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** By which sentinels know the server. */
  readonly masterName: string
  readonly username: string | null
  readonly password: string | null
  readonly sentinelPassword: string | null
  readonly database: number
  /** null: in plain text. */
  readonly tls: RedisTls | null
  readonly connectTimeoutMs: number
}

/** Certificates and keys as PEM. */
export type RedisTls = {
  /** Who may vouch for Redis; null: whom everybody trusts. */
  readonly ca: string | null
  /** By which Redis knows this server. */
  readonly identity: { readonly cert: string; readonly key: string; readonly passphrase: string | null } | null
  readonly verifiesPeer: boolean
  readonly verifiesName: boolean
  /** Whom the certificate has to name; null: the host. */
  readonly name: string | null
}
