/** A `redis-server` that accepts TLS only. */

import type { Authority, Issued } from '../../support/authority.ts'
import { freePort } from '../../support/ports.ts'
import { RedisProcess } from '../../support/redis-process.ts'

export type SecuredRedisOptions = {
  readonly authority: Authority
  /** The certificate of the server. */
  readonly certificate: Issued
  /** Whether clients must present a certificate of the same authority. */
  readonly requiresClientCertificate?: boolean
  readonly args?: readonly string[]
  readonly file?: string
  readonly readyText?: string
}

export async function startSecuredRedis({
  authority,
  certificate,
  requiresClientCertificate = false,
  args = [],
  ...more
}: SecuredRedisOptions): Promise<RedisProcess> {
  const port = await freePort()
  const { certFile, keyFile } = certificate
  const files = ['--tls-ca-cert-file', authority.caFile, '--tls-cert-file', certFile, '--tls-key-file', keyFile]
  const tls = [
    '--port',
    '0',
    '--tls-port',
    String(port),
    ...files,
    '--tls-auth-clients',
    requiresClientCertificate ? 'yes' : 'no',
  ]
  const redis = new RedisProcess({ port, readyText: 'Ready to accept connections', ...more, args: [...tls, ...args] })
  await redis.start()
  return redis
}
