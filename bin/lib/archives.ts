/** Reads one file out of an archive that is in memory. */
import { gunzipSync, inflateRawSync } from 'node:zlib'

const block = 512
const endOfDirectory = 0x06054b50
const stored = 0

/** The first file of a tar.gz with one of these paths, none of which is longer than a header has room for. */
export function fromTarGz(archive: Uint8Array, isWanted: (path: string) => boolean): Uint8Array | undefined {
  const tar = gunzipSync(archive)
  for (let at = 0; at + block <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number) => tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '')
    const bytes = Number.parseInt(text(124, 12), 8)
    if (isWanted(text(0, 100))) return tar.subarray(at + block, at + block + bytes)
    at += block + Math.ceil(bytes / block) * block
  }
  return undefined
}

/** The same of a zip, by the directory at its end. */
export function fromZip(archive: Uint8Array, isWanted: (path: string) => boolean): Uint8Array | undefined {
  const zip = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  if (end < 0 || zip.readUInt32LE(end) !== endOfDirectory) return undefined
  let at = zip.readUInt32LE(end + 16)
  for (let entry = 0; entry < zip.readUInt16LE(end + 10); entry++) {
    const name = zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28))
    if (isWanted(name)) {
      const header = zip.readUInt32LE(at + 42)
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
      const content = zip.subarray(start, start + zip.readUInt32LE(at + 20))
      return zip.readUInt16LE(at + 10) === stored ? content : inflateRawSync(content)
    }
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return undefined
}
