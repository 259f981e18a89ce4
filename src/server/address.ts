/** Resolves the configured host to an address of this machine on which the server can listen. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { placeOf } from '../config/places.ts'

/** The server cannot listen on the configured host and port. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen'

  /** @param path the path of the setting to change, in the document */
  constructor(
    message: string,
    readonly path: 'server.host' | 'server.port',
  ) {
    super(message)
  }
}

/**
 * An IPv6 address may stand in brackets, which Reverb requires, and `tcp://` in front, which Reverb accepts. Of the addresses of a name
 * an IPv4 one goes first: proxies and publishers on the same machine connect to 127.0.0.1.
 *
 * @throws CannotListen when the host is neither an address of this machine nor the name of one
 */
export async function listenAddress(written: string): Promise<string> {
  const host = written.trim().replace(/^tcp:\/\//i, '')
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (bare !== host ? isIP(bare) !== 6 : isIP(bare) === 0 && !isName.test(bare)) throw notAHost(written)
  const address = isIP(bare) === 0 ? await addressOf(bare) : bare
  if (!(await isOurs(address))) throw notOurs(written, address)
  return address
}

/** The address as it stands in a URL: IPv6 in brackets. */
export function hostInUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

export function authority(address: string, port: number): string {
  return `${hostInUrl(address)}:${port}`
}

const isName = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i

async function addressOf(name: string): Promise<string> {
  try {
    const found = await lookup(name, { all: true })
    return (found.find(({ family }) => family === 4) ?? found[0]!).address
  } catch {
    throw unusable(name, 'a name that does not resolve on this machine. Write 0.0.0.0 to listen on all its addresses.')
  }
}

/**
 * Binds a datagram socket to the address, which does not listen. Errors other than these, of which the second means that IPv6 is
 * switched off, are not about the address.
 */
async function isOurs(hostname: string): Promise<boolean> {
  try {
    const socket = await Bun.udpSocket({ hostname, port: 0 })
    socket.close()
    return true
  } catch (error) {
    return !['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(String((error as { code?: string }).code))
  }
}

function notAHost(written: string): CannotListen {
  const what = 'and must be an address or a host name alone, without scheme, port and path'
  return unusable(written, `${what}. Write ${hostIn(written)}; the port is ${placeOf('server.port')}.`)
}

/** Returns the host that was probably meant, for the advice. */
function hostIn(written: string): string {
  const host = /^(?:\w+:\/\/)?(\[[^\]]*\]|[^/:?#@]*)(?::\d*)?(?:[/?#].*)?$/.exec(written.trim())?.[1] ?? ''
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) > 0 || isName.test(bare) ? bare : '0.0.0.0'
}

function notOurs(written: string, address: string): CannotListen {
  const resolved = written === address ? '' : ` (${address})`
  const advice = `Write 0.0.0.0 to listen on all its addresses; the name for clients is ${placeOf('server.hostname')}.`
  return unusable(written, `no address of this machine${resolved}. ${advice}`)
}

/** A URL may hold a password, so it is not quoted. */
function unusable(written: string, what: string): CannotListen {
  const quoted = written.includes('@') ? 'a URL' : `"${written}"`
  return new CannotListen(`${placeOf('server.host')} is ${quoted}, ${what}`, 'server.host')
}
