/**
 * The connections of a listener whose clients have not sent a complete request yet, or have not answered the server's close. Bun
 * neither lists these connections nor ends them (`closeIdleConnections` reaches only those that have had an answer), so they are read
 * from the kernel, through the C library: 20,000 descriptors take 4 ms.
 */
import { dlopen } from 'bun:ffi'

export type Connection = {
  readonly descriptor: number
  /** Unique, also among later connections with the same descriptor. */
  readonly id: number
  /** For how long the client has sent nothing. */
  readonly quietMs: number
}

export type Unfinished = {
  /** @param port of the listener @param descriptors the limit of the process */
  readonly list: (port: number, descriptors: number) => Connection[]
  /** Shuts the connection down. Bun closes the descriptor when it notices, and must be the only one to do so. */
  readonly shutDown: (connection: Connection) => void
}

/** The names of glibc, and of musl on the two processors that Bun runs on. */
const libraries = ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1']

const functions = {
  getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  shutdown: { args: ['i32', 'i32'], returns: 'i32' },
} as const

/** Constants of Linux: see socket(7) and tcp(7). */
const [solSocket, soCookie] = [1, 57]
const [ipprotoTcp, tcpInfo] = [6, 11]
const shutdownBoth = 2
/** States of a connection, the first byte of `tcp_info`: open at both ends, or closed by the server alone. */
const established = 1
const closing: readonly number[] = [4, 5]
/** The indexes of two 32-bit fields of `tcp_info`. */
const [lastDataReceivedMs, dataSegmentsSent] = [13, 39]

/** Returns undefined where the system has no such calls. */
export function unfinished(): Unfinished | undefined {
  const libc = process.platform === 'linux' ? openLibrary() : undefined
  if (libc === undefined) return undefined
  const info = new Uint32Array(64)
  const name = new Uint8Array(128)
  const cookie = new Uint32Array(2)
  const size = new Uint32Array(1)

  function hasInfo(descriptor: number): boolean {
    size[0] = info.byteLength
    return libc!.getsockopt(descriptor, ipprotoTcp, tcpInfo, info, size) === 0 && size[0]! > 4 * dataSegmentsSent
  }

  function isUnfinished(descriptor: number): boolean {
    if (!hasInfo(descriptor)) return false
    const state = info[0]! & 255
    return (state === established && info[dataSegmentsSent] === 0) || closing.includes(state)
  }

  /** The port stands at the same place of `sockaddr_in` and `sockaddr_in6`. */
  function portOf(descriptor: number): number {
    size[0] = name.byteLength
    return libc!.getsockname(descriptor, name, size) === 0 ? name[2]! * 256 + name[3]! : 0
  }

  function idOf(descriptor: number): number {
    size[0] = cookie.byteLength
    libc!.getsockopt(descriptor, solSocket, soCookie, cookie, size)
    return cookie[0]! + cookie[1]! * 2 ** 32
  }

  return {
    list(port, descriptors) {
      const found: Connection[] = []
      for (let descriptor = 0; descriptor < descriptors; descriptor++) {
        if (!isUnfinished(descriptor)) continue
        const quietMs = info[lastDataReceivedMs]!
        if (portOf(descriptor) === port) found.push({ descriptor, id: idOf(descriptor), quietMs })
      }
      return found
    },
    shutDown: ({ descriptor }) => void libc.shutdown(descriptor, shutdownBoth),
  }
}

function openLibrary() {
  for (const library of libraries)
    try {
      return dlopen(library, functions).symbols
    } catch {
      // This system has another C library, or another processor.
    }
  return undefined
}
