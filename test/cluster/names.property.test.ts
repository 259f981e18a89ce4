/** Channels of any name over several nodes: events, members, counts and cached events are those of the channel that they name. */
import { expect, test } from 'bun:test'
import { isNeeded } from '../../src/cluster/claims.ts'
import { encode } from '../../src/cluster/envelope.ts'
import { TestCluster } from '../support/cluster.ts'
import { awkwardNames, namesOf } from '../support/names.ts'
import { anyText, fc } from '../support/property.ts'

const events = (frames: readonly string[]) => frames.map(frame => JSON.parse(frame)).filter(({ event }) => event === 'e')

test('an event reaches the subscribers of its channel on the other nodes, and no other socket', () => {
  fc.assert(
    fc.property(namesOf('', 'cache-'), namesOf('', 'cache-'), (name, other) => {
      fc.pre(name !== other)
      const cluster = new TestCluster('a', 'b')
      const [a, b] = [cluster.node('a'), cluster.node('b')]
      for (const [socketId, channel] of [
        ['b1', name],
        ['b2', other],
      ] as const) {
        b.open(socketId)
        b.join(socketId, channel)
      }
      a.publish(name, 'd')
      cluster.advance()
      expect(events(b.received.get('b1')!)).toEqual([{ event: 'e', data: 'd', channel: name }])
      expect(events(b.received.get('b2')!)).toEqual([])
      expect(a.hub.queries.channelInfo('1001', name, new Set(['subscription_count']), 0)).toEqual({
        occupied: true,
        subscription_count: 1,
      })
    }),
    { numRuns: 100 },
  )
})

test('members with any ids that join channels of any names in one turn are replicated', () => {
  const id = fc.oneof(anyText, fc.constantFrom(...awkwardNames)).filter(text => text !== '')
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(namesOf('presence-'), id), { minLength: 1, maxLength: 6, selector: String }), pairs => {
      const cluster = new TestCluster('a', 'b')
      const a = cluster.node('a')
      for (const [i, [name, user]] of pairs.entries()) {
        a.open(`a${i}`)
        a.join(`a${i}`, name, user)
      }
      cluster.advance()
      const { queries } = cluster.node('b').hub
      for (const [name] of pairs) {
        expect(queries.userIds('1001', name).sort()).toEqual(a.hub.queries.userIds('1001', name).sort())
        expect(queries.userIds('1001', name).length).toBe(pairs.filter(([other]) => other === name).length)
      }
    }),
    { numRuns: 100 },
  )
})

test('a slash in the name of a channel or in the id of a member is part of it', () => {
  const cluster = new TestCluster('a', 'b')
  const a = cluster.node('a')
  for (const socketId of ['a1', 'a2']) a.open(socketId)
  a.join('a1', 'presence-x/y', 'z')
  a.join('a2', 'presence-x', 'y/z')
  cluster.advance()
  const { queries } = cluster.node('b').hub
  expect([queries.userIds('1001', 'presence-x/y'), queries.userIds('1001', 'presence-x')]).toEqual([['"z"'], ['"y/z"']])
})

test('a node that joins later has the last event of every cache channel', () => {
  fc.assert(
    fc.property(fc.uniqueArray(namesOf('cache-'), { minLength: 1, maxLength: 5 }), names => {
      const cluster = new TestCluster('a')
      for (const [i, name] of names.entries()) cluster.node('a').publish(name, String(i))
      cluster.start('b')
      cluster.advance(5)
      const { queries } = cluster.node('b').hub
      expect(names.map(name => queries.channelInfo('1001', name, new Set(['cache']), cluster.nowMs).cache)).toEqual(
        names.map((channel, i) => ({ event: 'e', data: String(i), channel })),
      )
    }),
    { numRuns: 100 },
  )
})

test('the topic that an unverified message claims is that of its event, or the message is verified first', () => {
  fc.assert(
    fc.property(namesOf('', 'cache-'), name => {
      const topic = `1001/${name}`
      const body = { type: 'event' as const, topic, frame: '"topic":"x"', exceptSocketId: undefined }
      const asked: string[] = []
      isNeeded(encode({ node: 'n', number: 1, epoch: 1, body }, 'key'), 'a', { isRelevant: claimed => asked.push(claimed) > 0 })
      expect([[topic], []]).toContainEqual(asked)
    }),
  )
})
