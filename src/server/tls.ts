/** Certificates from the files that the configuration names. */
import { readFileSync } from 'node:fs'
import type { Tls } from '../config/config.ts'

/** @throws TlsFileError naming the file that cannot be read */
export function tlsOptions(tls: Tls): Bun.TLSOptions {
  return {
    cert: read(tls.certFile, 'local_cert'),
    key: read(tls.keyFile, 'local_pk'),
    ...(tls.passphrase === null ? {} : { passphrase: tls.passphrase }),
    ...(tls.caFile === null ? {} : { ca: read(tls.caFile, 'cafile') }),
    requestCert: tls.verifyClients,
    rejectUnauthorized: tls.verifyClients,
  }
}

export class TlsFileError extends Error {
  override readonly name = 'TlsFileError'
}

function read(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new TlsFileError(`server.tls.${option} cannot be read: ${(error as Error).message}`)
  }
}
