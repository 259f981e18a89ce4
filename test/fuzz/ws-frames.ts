/** WebSocket frames as bytes: valid ones, and ones that no client should send. */

import type { Random } from '../support/random.ts'
import { mutateBytes } from './mutate.ts'

type Shape = {
  readonly opcode: number
  readonly fin?: boolean
  readonly rsv?: number
  readonly masked?: boolean
  readonly length?: Buffer
}

/** @param length the length field, where it differs from the length of the payload */
function frame(random: Random, payload: Buffer, { opcode, fin = true, rsv = 0, masked = true, length }: Shape): Buffer {
  const written = length ?? lengthOf(payload.length)
  const head = Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | rsv | opcode]), written])
  if (!masked) return Buffer.concat([head, payload])
  head[1]! |= 0x80
  const mask = random.bytes(4)
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4]!)])
}

function lengthOf(length: number): Buffer {
  if (length < 126) return Buffer.from([length])
  return length < 65_536 ? long(length) : longer(BigInt(length))
}

function long(length: number): Buffer {
  const bytes = Buffer.from([126, 0, 0])
  bytes.writeUInt16BE(length, 1)
  return bytes
}

function longer(length: bigint): Buffer {
  const bytes = Buffer.alloc(9, 127)
  bytes.writeBigUInt64BE(length, 1)
  return bytes
}

export function textFrame(random: Random, text: string): Buffer {
  return frame(random, Buffer.from(text), { opcode: 1 })
}

/** One message in several frames, sometimes with a ping in between. */
export function fragments(random: Random, text: string): Buffer {
  const bytes = Buffer.from(text)
  const cut = random.below(bytes.length + 1)
  return Buffer.concat([
    frame(random, bytes.subarray(0, cut), { opcode: random.pick([1, 1, 2]), fin: false }),
    ...(random.chance(0.5) ? [frame(random, random.bytes(random.below(126)), { opcode: 9 })] : []),
    frame(random, bytes.subarray(cut), { opcode: 0 }),
  ])
}

const codes = [0, 999, 1000, 1001, 1004, 1005, 1006, 1007, 1015, 2999, 3000, 4000, 4999, 5000, 65_535]

/** Frames that RFC 6455 forbids, and some unusual ones that it allows. */
const hostile: readonly ((random: Random, text: Buffer) => Buffer)[] = [
  (random, text) => frame(random, text, { opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) }),
  (random, text) => frame(random, text, { opcode: 1, rsv: random.pick([0x10, 0x20, 0x40, 0x70]) }),
  (random, text) => frame(random, text, { opcode: 1, masked: false }),
  (random, text) => frame(random, text, { opcode: 0 }),
  (random, text) => frame(random, text, { opcode: 1, fin: false }),
  (random, text) => Buffer.concat([1, 1].map(opcode => frame(random, text, { opcode, fin: false }))),
  (random, text) => frame(random, text, { opcode: random.pick([8, 9, 10]), fin: false }),
  (random, text) => frame(random, Buffer.concat([text, random.bytes(126)]), { opcode: random.pick([8, 9, 10]) }),
  random => frame(random, random.bytes(random.below(126)), { opcode: random.pick([8, 9, 10]) }),
  random =>
    frame(random, Buffer.from([...new Uint8Array(new Uint16Array([random.pick(codes)]).buffer)].reverse()), { opcode: 8 }),
  random => frame(random, random.bytes(1), { opcode: 8 }),
  random => frame(random, Buffer.from(random.pick(['ff', 'c0af', 'eda080', 'f4908080', 'e282']), 'hex'), { opcode: 1 }),
  random => frame(random, Buffer.alloc(0), { opcode: random.pick([0, 1, 2, 8, 9, 10]) }),
  (random, text) => frame(random, text, { opcode: 1, length: long(text.length) }),
  (random, text) => frame(random, text, { opcode: 1, length: longer(BigInt(text.length)) }),
  (random, text) =>
    frame(random, text, { opcode: 1, length: longer(random.pick([2n ** 63n, 2n ** 64n - 1n, 2n ** 32n, 2n ** 31n])) }),
  random => frame(random, Buffer.alloc(random.pick([9_990, 10_001, 20_001, 40_000]), 0x61), { opcode: random.pick([1, 2]) }),
  (random, text) => frame(random, text, { opcode: 1 }).subarray(0, random.below(8)),
  (random, text) => mutateBytes(random, frame(random, text, { opcode: 1 })),
  random => random.bytes(random.below(64)),
]

export function hostileFrame(random: Random, text: string): Buffer {
  return random.pick(hostile)(random, Buffer.from(text))
}
