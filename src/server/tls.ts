/** Reads the certificates and keys that the configuration names. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisAddress, RedisTls } from '../cluster/redis-address.ts'
import type { RedisServer, RedisTlsFiles, Tls } from '../config/config.ts'
import type { Fault } from '../config/decode.ts'
import { sentence } from '../config/places.ts'

/** A file that cannot be used, and the setting that names it. */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError'

  /** @param path the path of the setting in the document */
  constructor(
    readonly path: string,
    fault: string,
  ) {
    super(sentence({ path, message: fault }))
  }
}

const renew = 'renew it, then run php artisan reverb:restart'

/** How early the server warns that a certificate expires. */
const noticeMs = 14 * 24 * 60 * 60 * 1000

/**
 * Returns a warning where clients refuse the certificate because of its dates, or will within two weeks. The server starts all the
 * same, as Reverb does: some clients do not verify the dates.
 *
 * @param setting the path of the setting in the document
 * @throws TlsFileError when the file cannot be read or is no certificate
 */
export function certificateDates(file: string, setting: string, now: Date): Fault[] {
  const { validFrom, validTo } = certificate(read(file, setting), setting)
  const [from, to] = [new Date(validFrom), new Date(validTo)]
  const fault = (what: string, advice: string) => [{ path: setting, message: `names ${file}, which ${what}: ${advice}` }]
  if (now < from) return fault(`is not valid before ${utcMinute(from)}`, 'wait, or check the clock of this machine')
  if (now >= to) return fault(`expired on ${utcMinute(to)}`, renew)
  return to.getTime() - now.getTime() <= noticeMs ? fault(`expires on ${utcMinute(to)}`, renew) : []
}

/** Formats a date such as `2026-01-31 12:00 UTC`. */
function utcMinute(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** @throws TlsFileError when a file cannot be read, is not what it should be, or does not belong to the others */
export function tlsOptions(tls: Tls): Bun.TLSOptions {
  return {
    ...identity(tls),
    ...(tls.caFile === null ? {} : { ca: read(tls.caFile, 'server.tls.cafile') }),
    requestCert: tls.verifyClients,
    rejectUnauthorized: tls.verifyClients,
  }
}

/**
 * Returns the certificate of the server and its key.
 *
 * @throws TlsFileError as above
 */
export function identity(tls: Tls): Bun.TLSOptions {
  return {
    ...keyPair(tls.certFile, tls.keyFile, tls.passphrase, 'server.tls'),
    ...(tls.passphrase === null ? {} : { passphrase: tls.passphrase }),
  }
}

/**
 * @param place the path of the server in the document
 * @throws TlsFileError as above
 */
export function redisAddress(server: RedisServer, place: string): RedisAddress {
  return { ...server, tls: server.tls === null ? null : redisTls(server.tls, `${place}.tls`) }
}

function redisTls({ caFile, certFile, keyFile, passphrase, ...policy }: RedisTlsFiles, place: string): RedisTls {
  return {
    ...policy,
    ca: caFile === null ? null : authorities(caFile, `${place}.cafile`),
    identity: certFile === null ? null : { ...keyPair(certFile, keyFile ?? certFile, passphrase, place), passphrase },
  }
}

function authorities(file: string, setting: string): string {
  const pem = read(file, setting)
  certificate(pem, setting)
  return pem
}

function keyPair(certFile: string, keyFile: string, passphrase: string | null, place: string): { cert: string; key: string } {
  const cert = read(certFile, `${place}.local_cert`)
  const key = read(keyFile, `${place}.local_pk`)
  if (!certificate(cert, `${place}.local_cert`).checkPrivateKey(privateKey(key, passphrase, `${place}.local_pk`))) {
    throw new TlsFileError(`${place}.local_pk`, 'is not the key of the certificate in local_cert')
  }
  return { cert, key }
}

function read(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new TlsFileError(setting, `cannot be read: ${(error as Error).message}`)
  }
}

function certificate(pem: string, setting: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new TlsFileError(setting, 'is no certificate in PEM form')
  }
}

function privateKey(pem: string, passphrase: string | null, setting: string): KeyObject {
  try {
    return createPrivateKey(passphrase === null ? pem : { key: pem, passphrase })
  } catch {
    throw new TlsFileError(setting, 'is no private key in PEM form, or its passphrase is wrong')
  }
}
