import { expect, test } from 'bun:test'
import type { BackplaneListener } from '../../src/cluster/backplane.ts'
import { HandOver } from '../../src/runtime/hand-over.ts'
import type { Log } from '../../src/runtime/log.ts'
import { type HandOverRole, Membership } from '../../src/server/membership.ts'
import { testApp } from '../support/apps.ts'
import { hubWith } from '../support/core.ts'
import { until } from '../support/until.ts'

const log = { info() {}, warn() {} } as unknown as Log

/** A server of a hand-over, whose messages the test delivers. */
class Member {
  readonly membership: Membership
  readonly sent: string[] = []
  private listener!: BackplaneListener

  constructor() {
    this.membership = new Membership({
      replica: hubWith(testApp()).replica,
      apply() {},
      nowMs: () => 0,
      unexpected(error) {
        throw error
      },
    })
  }

  async join(handOver: HandOverRole): Promise<void> {
    await this.membership.join({
      key: 'key',
      handOver,
      connect: async listener => {
        this.listener = listener
        return { send: text => void this.sent.push(text), close: async () => {} }
      },
      onConnection() {},
      onPace() {},
      onLoss() {},
    })
    this.listener.onConnected()
  }

  receive(text: string): void {
    this.listener.onMessage(text)
  }
}

test('a server that stops waits for the message by which it verifies the one that takes over, which is ready before', async () => {
  const [oldServer, newServer] = [new Member(), new Member()]
  await oldServer.join('handing-over')
  await newServer.join('taking-over')
  const isReady = async () => {
    let hasWaited = false
    await newServer.membership.waitUntilSynced(1, async () => {
      hasWaited = true
    })
    return !hasWaited
  }
  // What the new server sends after its first two messages stays in its buffer, as where the old one is not scheduled.
  let delivered = 0
  await until('the new server is ready', () => {
    for (const text of oldServer.sent.splice(0)) newServer.receive(text)
    for (; delivered < Math.min(2, newServer.sent.length); delivered++) oldServer.receive(newServer.sent[delivered]!)
    return isReady()
  })
  expect(oldServer.membership.hasSuccessor).toBe(false)

  let isOver = false
  const waiting = new HandOver(oldServer.membership, log).waitUntilVerified().then(() => {
    isOver = true
  })
  await new Promise<void>(resolve => void setImmediate(resolve))
  expect(isOver).toBe(false)
  for (const text of newServer.sent.slice(delivered)) oldServer.receive(text)
  await waiting
  expect(oldServer.membership.hasSuccessor).toBe(true)
})

test('a server without another one stops without a wait', async () => {
  const alone = new Member()
  await new HandOver(alone.membership, log).waitUntilVerified()
  expect(alone.membership.hasSuccessor).toBe(false)
})
