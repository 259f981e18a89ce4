/** `redis-server` that speaks TLS only, and what it takes to be let in. */

import { freePort } from '../../support/ports.ts'
import { RedisProcess } from '../../support/redis-process.ts'
import type { Authority, Issued } from './authority.ts'

export type Demands = {
  readonly authority: Authority
  /** By which it is known. */
  readonly certificate: Issued
  /** Whether clients are to show a certificate of the same authority. */
  readonly ofClients?: boolean
  readonly args?: readonly string[]
  readonly file?: string
  readonly says?: string
}

export async function secured({ authority, certificate, ofClients = false, args = [], ...more }: Demands): Promise<RedisProcess> {
  const port = await freePort()
  const { certFile, keyFile } = certificate
  const files = ['--tls-ca-cert-file', authority.caFile, '--tls-cert-file', certFile, '--tls-key-file', keyFile]
  const tls = ['--port', '0', '--tls-port', String(port), ...files, '--tls-auth-clients', ofClients ? 'yes' : 'no']
  const redis = new RedisProcess({ port, says: 'Ready to accept connections', ...more, args: [...tls, ...args] })
  await redis.start()
  return redis
}
