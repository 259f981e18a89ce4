/** `revurb health`: asks a running server for `/up`, as the health check of a container does. */
import { decodeListening } from '../config/bridge.ts'
import { authority, listenAddress } from '../server/address.ts'
import { identity } from '../server/tls.ts'
import { readDocument } from './document.ts'

export type HealthOptions = {
  /** File with the document of the server. */
  readonly config?: string | undefined
  readonly url?: string | undefined
  /** Seconds, as they were written. */
  readonly timeout?: string | undefined
}

/** Less than the 30 seconds after which Docker gives a health check up by default. */
export const defaultSeconds = 5

/** Docker knows 0 (healthy) and 1 (unhealthy), and reserves 2. */
const exitCode = { healthy: 0, unhealthy: 1 } as const

/** Writes nothing for a healthy server, otherwise one sentence to stderr, which `docker inspect` shows. Resolves with the exit code. */
export async function health(options: HealthOptions): Promise<number> {
  try {
    const seconds = secondsOf(options.timeout)
    const fault = await faultOf(await targetOf(options), seconds)
    if (fault === undefined) return exitCode.healthy
    console.error(fault)
  } catch (error) {
    console.error((error as Error).message)
  }
  return exitCode.unhealthy
}

type Target = {
  readonly url: URL
  /** Whether the server is on this machine: its certificate is issued for the name that clients use, not for this address. */
  readonly isLocal: boolean
  /** The certificate to show to a server that demands one of its clients. */
  readonly identity: Bun.TLSOptions
}

async function targetOf({ config, url }: HealthOptions): Promise<Target> {
  if (config && url) throw new Error('Give either --config FILE or --url URL, not both.')
  if (config) return configured(config)
  if (url) return given(url)
  throw new Error('Give --config FILE, the document of the server, or --url URL, the address to ask.')
}

/** @throws ConfigError, CannotListen or TlsFileError */
async function configured(file: string): Promise<Target> {
  const { host, port, path, tls } = decodeListening(await readDocument(file, undefined, silent))
  const address = await listenAddress(host)
  const local = everyAddress[address] ?? address
  const url = new URL(`${tls === null ? 'http' : 'https'}://${authority(local, port)}${path}/up`)
  // Of the certificates that the server accepts, this machine has its own at most.
  return { url, isLocal: true, identity: tls?.verifyClients ? identity(tls) : {} }
}

function given(text: string): Target {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new Error('--url must be an address such as http://127.0.0.1:8080/up.')
  return { url, isLocal: loopback.test(url.hostname), identity: {} }
}

/** A server that listens on every address is asked on the loopback address of the same family. */
const everyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** `revurb start` has warned already of a document that others can read. */
const silent = { debug() {}, info() {}, warn() {}, error() {} }

function secondsOf(written: string | undefined): number {
  const seconds = written === undefined ? defaultSeconds : Number(written)
  if (seconds > 0 && seconds <= maxSeconds) return seconds
  throw new Error(`--timeout must be a number of seconds, more than 0 and at most ${maxSeconds}.`)
}

/** More than any orchestrator waits for a probe. */
const maxSeconds = 3600

/** Returns what is wrong in one sentence, undefined if the answer is 200. */
async function faultOf({ url, isLocal, identity }: Target, seconds: number): Promise<string | undefined> {
  // The address without a query or a password, which may be secret.
  const asked = `${url.origin}${url.pathname}`
  // Bun sends requests for this machine through the proxy of HTTP_PROXY, too.
  if (isLocal) process.env.NO_PROXY = '*'
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(seconds * 1000),
      tls: { ...identity, rejectUnauthorized: !isLocal },
    })
    return response.status === 200 ? undefined : `${asked} answers ${response.status}, not 200.`
  } catch (error) {
    return `${asked} ${reason(error as Error & { code?: unknown }, seconds)}`
  }
}

function reason({ name, code = name }: Error & { code?: unknown }, seconds: number): string {
  if (name === 'TimeoutError') return `does not answer within ${seconds} second${seconds === 1 ? '' : 's'}.`
  // The code alone: messages of Bun may have the address with its query and password.
  return reasons[String(code)] ?? `gives no usable answer: ${code}.`
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'does not answer: the connection was refused, as nothing listens there.',
  ECONNRESET: 'does not answer: the connection was closed. Does the server speak TLS there, or no HTTP?',
  ENOTFOUND: 'does not answer: its host name does not resolve.',
  EPROTO: 'does not answer: the TLS handshake failed. Does the server speak TLS there, and accept clients without a certificate?',
}
