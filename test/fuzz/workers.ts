/** Workers send input to the server, each over one connection after the other, until the run is stopped. */

import type { Random } from '../support/random.ts'
import type { FuzzApp } from './apps.ts'
import { HttpClient } from './http-client.ts'
import type { Invariants } from './invariants.ts'
import { message } from './messages.ts'
import { malformedRequest, request } from './requests.ts'
import { WsClient } from './ws-client.ts'
import { fragments, hostileFrame, textFrame } from './ws-frames.ts'

export type Target = {
  readonly port: number
  readonly apps: readonly FuzzApp[]
  readonly invariants: Invariants
  readonly stopped: () => boolean
}

export type Worker = (target: Target, random: Random) => Promise<void>

/** How long a worker waits for an answer to input that may get none. */
const shortWaitMs = 50

/** Sends valid frames with valid, odd and invalid messages. */
export const sendMessages: Worker = async ({ port, apps, invariants, stopped }, random) => {
  while (!stopped()) {
    const client = await WsClient.connected(port, random.pick(apps), invariants, random)
    for (let bursts = random.below(20); client !== undefined && bursts > 0 && !client.gone && !stopped(); bursts--) {
      for (let count = random.below(15); count > 0; count--) client.send(framed(random, message(random, client)))
      await client.settle()
    }
    if (client !== undefined) await leave(random, client)
  }
}

/** Sends invalid frames after a few valid ones. */
export const sendHostileFrames: Worker = async ({ port, apps, invariants, stopped }, random) => {
  while (!stopped()) {
    const client = await WsClient.connected(port, random.pick(apps), invariants, random)
    if (client === undefined) continue
    for (let count = random.below(4); count > 0; count--) client.send(framed(random, message(random, client)))
    await client.settle()
    for (let count = 1 + random.below(3); count > 0; count--) client.send(hostileFrame(random, message(random, client)))
    await client.wire.until(() => client.gone, shortWaitMs)
    await leave(random, client)
  }
}

/** Subscribes, and then stops reading. */
export const stopReading: Worker = async ({ port, apps, invariants, stopped }, random) => {
  while (!stopped()) {
    const client = await WsClient.connected(port, random.pick(apps), invariants, random)
    if (client === undefined) continue
    for (let count = 10; count > 0; count--) client.send(textFrame(random, message(random, client)))
    await client.settle()
    client.wire.stopReading()
    for (let count = random.below(200); count > 0; count--) client.send(textFrame(random, message(random, client)))
    await client.wire.until(() => client.gone, 500)
    client.wire.destroy()
  }
}

/** Sends well-formed HTTP requests, often pipelined, over one connection as long as it is kept open. */
export const sendRequests: Worker = async ({ port, apps, invariants, stopped }, random) => {
  while (!stopped()) {
    const app = random.pick(apps)
    const client = await HttpClient.open(port, app, invariants)
    for (let rounds = random.below(40); rounds > 0 && !client.gone && !stopped(); rounds--) {
      const requests = Array.from({ length: random.chance(0.8) ? 1 : random.below(5) }, () => request(random, app))
      // A publisher that has not received the answer repeats its request.
      if (random.chance(0.1)) requests.push(...requests)
      for (const { bytes } of requests) client.send(bytes)
      for (const { method, bytes } of requests) {
        const answer = await client.answer(method)
        if (answer === undefined)
          invariants.violation(
            `not answered, and the connection not closed: ${JSON.stringify(bytes.toString('latin1').slice(0, 1000))}`,
          )
        if (typeof answer !== 'object') break
      }
    }
    client.destroy()
  }
}

/** Sends bytes that are no valid HTTP. */
export const sendMalformedHttp: Worker = async ({ port, apps, invariants, stopped }, random) => {
  while (!stopped()) {
    const app = random.pick(apps)
    const client = await HttpClient.open(port, app, invariants)
    client.send(malformedRequest(random, app))
    await client.answer('GET', shortWaitMs)
    client.destroy()
  }
}

function framed(random: Random, text: string): Buffer {
  return random.chance(0.9) ? textFrame(random, text) : fragments(random, text)
}

/** Disconnects with a close frame, a FIN, or a reset. */
async function leave(random: Random, { wire }: WsClient): Promise<void> {
  if (random.chance(0.5)) wire.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]))
  if (random.chance(0.5)) {
    wire.end()
    await wire.until(() => wire.closed, shortWaitMs)
  }
  wire.destroy()
}
