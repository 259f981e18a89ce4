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
  readonly tls: boolean
  readonly connectTimeoutMs: number
}
