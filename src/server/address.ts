/** The address to listen on: what people write for it, made an address of this machine. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { placeOf } from '../config/places.ts'

/** The operating system would not let it listen. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen'

  /** @param path of the setting to change, in the document */
  constructor(
    message: string,
    readonly path: 'server.host' | 'server.port',
  ) {
    super(message)
  }
}

/**
 * An IPv6 address may stand in brackets, as Reverb wants it, and `tcp://` in front, as it takes it. Of the addresses of a
 * name one of IPv4 goes before those of IPv6: proxies and publishers on the same machine write 127.0.0.1.
 *
 * @throws CannotListen when it is no address of this machine, nor the name of one
 */
export async function listenAddress(written: string): Promise<string> {
  const host = written.trim().replace(/^tcp:\/\//i, '')
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (bare !== host ? isIP(bare) !== 6 : isIP(bare) === 0 && !isName.test(bare)) throw notAHost(written)
  const address = isIP(bare) === 0 ? await addressOf(bare) : bare
  if (!(await isOurs(address))) throw notOurs(written, address)
  return address
}

/** As it stands in a URL. */
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

/** A datagram socket needs the address too, and does not listen. Any other error, but that IPv6 is switched off, is not about the address. */
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

/** What may have been meant. */
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

/** A URL may hold a password. */
function unusable(written: string, what: string): CannotListen {
  const quoted = written.includes('@') ? 'a URL' : `"${written}"`
  return new CannotListen(`${placeOf('server.host')} is ${quoted}, ${what}`, 'server.host')
}
