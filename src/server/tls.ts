/** Certificates from the files that the configuration names. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Tls } from '../config/config.ts'

/** What is wrong with a file, and which setting names it. */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError'

  constructor(option: string, fault: string) {
    super(`server.tls.${option} ${fault}`)
  }
}

/** @throws TlsFileError when a file cannot be read, is not what it should be, or does not belong to the others */
export function tlsOptions(tls: Tls): Bun.TLSOptions {
  const cert = read(tls.certFile, 'local_cert')
  const key = read(tls.keyFile, 'local_pk')
  if (!certificate(cert).checkPrivateKey(privateKey(key, tls.passphrase))) {
    throw new TlsFileError('local_pk', 'is not the key of the certificate in local_cert')
  }
  return {
    cert,
    key,
    ...(tls.passphrase === null ? {} : { passphrase: tls.passphrase }),
    ...(tls.caFile === null ? {} : { ca: read(tls.caFile, 'cafile') }),
    requestCert: tls.verifyClients,
    rejectUnauthorized: tls.verifyClients,
  }
}

function read(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new TlsFileError(option, `cannot be read: ${(error as Error).message}`)
  }
}

function certificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new TlsFileError('local_cert', 'is no certificate in PEM form')
  }
}

function privateKey(pem: string, passphrase: string | null): KeyObject {
  try {
    return createPrivateKey(passphrase === null ? pem : { key: pem, passphrase })
  } catch {
    throw new TlsFileError('local_pk', 'is no private key in PEM form, or its passphrase is wrong')
  }
}
