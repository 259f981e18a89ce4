import { expect, test } from 'bun:test'
import { bodyOf, decode, encode, messagePrefix, seal } from '../../src/cluster/envelope.ts'

const key = 'key'
const body = { type: 'terminate', appId: 'app', userId: 'a,"b",[c]' } as const

test('a message carries the node, the number, the epoch and the body that were sealed', () => {
  const envelope = { node: 'node', number: 7, epoch: 3, body }
  expect(decode(encode(envelope, key), key)).toEqual(envelope)
})

for (const node of ['node', 'a,b', '"', 'a",1', '\\'])
  test(`the JSON of the body is read from a message of the node ${JSON.stringify(node)}`, () => {
    const json = JSON.stringify(body)
    expect(bodyOf(seal({ node, number: 12, epoch: 345 }, json, key), messagePrefix(node))).toBe(json)
  })
