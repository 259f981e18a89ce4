/** Those who feed the server, each on one connection after the other, until they are told to stop. */

import type { Random } from '../support/random.ts'
import type { FuzzApp } from './apps.ts'
import { HttpPeer } from './http-peer.ts'
import { message } from './messages.ts'
import { malformedRequest, request } from './requests.ts'
import type { Watch } from './watch.ts'
import { fragments, hostileFrame, textFrame } from './ws-frames.ts'
import { WsPeer } from './ws-peer.ts'

export type Fire = {
  readonly port: number
  readonly apps: readonly FuzzApp[]
  readonly watch: Watch
  readonly stopped: () => boolean
}

export type Worker = (fire: Fire, random: Random) => Promise<void>

/** How long one waits for an answer to what deserves none. */
const glanceMs = 50

/** Good frames with good, odd and bad messages in them. */
export const talk: Worker = async ({ port, apps, watch, stopped }, random) => {
  while (!stopped()) {
    const peer = await WsPeer.greeted(port, random.pick(apps), watch, random)
    for (let bursts = random.below(20); peer !== undefined && bursts > 0 && !peer.gone && !stopped(); bursts--) {
      for (let count = random.below(15); count > 0; count--) peer.send(framed(random, message(random, peer)))
      await peer.settle()
    }
    if (peer !== undefined) await leave(random, peer)
  }
}

/** Bad frames, after a few good ones. */
export const shout: Worker = async ({ port, apps, watch, stopped }, random) => {
  while (!stopped()) {
    const peer = await WsPeer.greeted(port, random.pick(apps), watch, random)
    if (peer === undefined) continue
    for (let count = random.below(4); count > 0; count--) peer.send(framed(random, message(random, peer)))
    await peer.settle()
    for (let count = 1 + random.below(3); count > 0; count--) peer.send(hostileFrame(random, message(random, peer)))
    await peer.wire.until(() => peer.gone, glanceMs)
    await leave(random, peer)
  }
}

/** Subscribes, and then reads no more of what it is sent. */
export const ignore: Worker = async ({ port, apps, watch, stopped }, random) => {
  while (!stopped()) {
    const peer = await WsPeer.greeted(port, random.pick(apps), watch, random)
    if (peer === undefined) continue
    for (let count = 10; count > 0; count--) peer.send(textFrame(random, message(random, peer)))
    await peer.settle()
    peer.wire.deaf()
    for (let count = random.below(200); count > 0; count--) peer.send(textFrame(random, message(random, peer)))
    await peer.wire.until(() => peer.gone, 500)
    peer.wire.destroy()
  }
}

/** Good requests, several at a time, on one connection for as long as it is kept. */
export const ask: Worker = async ({ port, apps, watch, stopped }, random) => {
  while (!stopped()) {
    const app = random.pick(apps)
    const peer = await HttpPeer.open(port, app, watch)
    for (let rounds = random.below(40); rounds > 0 && !peer.gone && !stopped(); rounds--) {
      const requests = Array.from({ length: random.chance(0.8) ? 1 : random.below(5) }, () => request(random, app))
      // The same once more, as a publisher does that has not seen the answer.
      if (random.chance(0.1)) requests.push(...requests)
      for (const { bytes } of requests) peer.send(bytes)
      for (const { method, bytes } of requests) {
        const answer = await peer.answer(method)
        if (answer === undefined)
          watch.violation(
            `not answered, and the connection not closed: ${JSON.stringify(bytes.toString('latin1').slice(0, 1000))}`,
          )
        if (typeof answer !== 'object') break
      }
    }
    peer.destroy()
  }
}

/** What is no HTTP. */
export const babble: Worker = async ({ port, apps, watch, stopped }, random) => {
  while (!stopped()) {
    const app = random.pick(apps)
    const peer = await HttpPeer.open(port, app, watch)
    peer.send(malformedRequest(random, app))
    await peer.answer('GET', glanceMs)
    peer.destroy()
  }
}

function framed(random: Random, text: string): Buffer {
  return random.chance(0.9) ? textFrame(random, text) : fragments(random, text)
}

/** Politely or not. */
async function leave(random: Random, { wire }: WsPeer): Promise<void> {
  if (random.chance(0.5)) wire.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]))
  if (random.chance(0.5)) {
    wire.end()
    await wire.until(() => wire.closed, glanceMs)
  }
  wire.destroy()
}
