#!/usr/bin/env bun
/**
 * What joining and leaving a presence channel costs the server, by the number of members who are there: the core's work,
 * and the encoding of the one large frame that a joiner is sent. No network. Prints a Markdown table.
 */
import { appsOf } from '../src/core/app.ts'
import type { Effect } from '../src/core/effect.ts'
import { Hub } from '../src/core/hub.ts'
import { againMs } from '../src/core/resubscriptions.ts'
import { settle } from '../src/core/settle.ts'
import { testApp } from '../test/support/apps.ts'
import { signedSubscribing, unsubscribing } from '../test/support/core.ts'
import { median } from './report/statistics.ts'

const sizes = [10, 100, 1000, 5000]
const rounds = 11
const app = testApp()
const channel = 'presence-room'

type Operation = { readonly name: string; readonly prepare: (hub: Hub, i: number) => string; readonly undo: boolean }

/** What is measured, each on a channel that is as full as the table says. */
const operations: Operation[] = [
  { name: 'a new member joins', prepare: (_, i) => joining(`guest-${i}`, 'guest'), undo: true },
  { name: 'a member joins with one more socket', prepare: () => joining('member-1', 'guest'), undo: true },
  { name: 'a member leaves', prepare: () => unsubscribing(channel), undo: false },
]

console.log(`Bun ${Bun.version}, ${rounds} rounds, median µs per operation (bytes sent to the socket itself)\n`)
console.log(`| members there | ${sizes.join(' | ')} |`)
console.log(`|---|${sizes.map(() => '---').join('|')}|`)
for (const operation of operations) {
  const cells = sizes.map(size => measure(operation, size))
  console.log(`| ${operation.name} | ${cells.map(({ us, bytes }) => `${us.toFixed(1)} (${bytes})`).join(' | ')} |`)
}
console.log(`| filling an empty channel, per member | ${sizes.map(size => fill(size).toFixed(1)).join(' | ')} |`)

function measure({ prepare, undo }: Operation, size: number): { us: number; bytes: number } {
  const hub = filled(size)
  const perRound = 200
  const times: number[] = []
  let bytes = 0
  let nowMs = 0
  for (let round = 0; round < rounds; round++) {
    let spent = 0
    for (let i = 0; i < perRound; i++) {
      // Nothing of the time before is held, and the guest is a stranger again.
      nowMs += againMs
      settle(hub.state, nowMs)
      if (!undo) hub.message('guest', joining(`guest-${i}`, 'guest'), nowMs)
      const text = prepare(hub, i)
      const began = performance.now()
      bytes = encode(hub.message('guest', text, nowMs))
      spent += performance.now() - began
      if (undo) hub.message('guest', unsubscribing(channel), nowMs)
    }
    times.push((spent / perRound) * 1000)
  }
  return { us: median(times), bytes }
}

/** Everybody joins, one after the other; a member's share of it. */
function fill(size: number): number {
  const times = Array.from({ length: 3 }, () => {
    const hub = new Hub(appsOf([app]))
    const began = performance.now()
    for (let i = 0; i < size; i++) encode(enter(hub, i))
    return ((performance.now() - began) / size) * 1000
  })
  return median(times)
}

function filled(size: number): Hub {
  const hub = new Hub(appsOf([app]))
  for (let i = 0; i < size; i++) enter(hub, i)
  hub.open('guest', app.key, null, 0)
  return hub
}

function enter(hub: Hub, i: number): Effect[] {
  hub.open(`s${i}`, app.key, null, 0)
  return hub.message(`s${i}`, joining(`member-${i}`, `s${i}`), 0)
}

function joining(userId: string, socketId: string): string {
  return signedSubscribing(app, socketId, channel, JSON.stringify({ user_id: userId, user_info: { name: `Name of ${userId}` } }))
}

/** What a send would do with the frames: makes bytes of them. */
function encode(effects: readonly Effect[]): number {
  let bytes = 0
  for (const effect of effects) {
    if (effect.type === 'send') bytes += Buffer.from(effect.frame).length
    else if (effect.type === 'broadcast') Buffer.from(effect.frame)
  }
  return bytes
}
