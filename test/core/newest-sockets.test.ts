import { describe, expect, test } from 'bun:test'
import { NewestSockets } from '../../src/core/newest-sockets.ts'

/** What is known of the sockets of nodes, each as its id, its number of sockets and when the newest were opened. */
function known(...nodes: (readonly [nodeId: string, count: number, newest: readonly number[]])[]): NewestSockets {
  const sockets = new NewestSockets()
  for (const [nodeId, count, newest] of nodes) sockets.receive('1', nodeId, count, 0, newest)
  return sockets
}

/** How many are older than sockets that node `m` has opened at these times, the newest first. */
const older = (sockets: NewestSockets, ...times: number[]) => times.map(sockets.olderOnOthers('1', 'm'))

describe('of a node that has sent its newest sockets', () => {
  test('all are older but those that are newer by what it has sent', () => {
    expect(older(known(['a', 3, [30, 20, 10]]), 35, 25, 15)).toEqual([3, 2, 1])
  })

  test('those that it has not named are older than those that it has', () => {
    expect(older(known(['a', 50, [30, 20]]), 35, 25)).toEqual([50, 49])
  })

  test('none is known to be older than all that it has named', () => {
    expect(older(known(['a', 50, [30, 20]]), 15)).toEqual([0])
    expect(older(known(['a', 0, []]), 15)).toEqual([0])
  })

  test('one that was opened in the same millisecond is older where the id of its node is lower', () => {
    expect(older(known(['a', 2, [20, 10]]), 20, 10)).toEqual([2, 1])
    expect(older(known(['z', 2, [20, 10]]), 20, 10)).toEqual([1, 0])
  })

  test('those that it has lost since may have been the oldest', () => {
    const sockets = known(['a', 5, [30, 20]])
    sockets.receive('1', 'a', 7, 5, undefined)
    sockets.receive('1', 'a', 4, 7, undefined)
    expect(older(sockets, 35, 25)).toEqual([2, 1])
    sockets.receive('1', 'a', 0, 4, undefined)
    expect(older(sockets, 35, 25)).toEqual([0, 0])
  })

  test('only what it has sent last counts', () => {
    const sockets = known(['a', 5, [30, 20]])
    sockets.receive('1', 'a', 3, 5, [40])
    expect(older(sockets, 45, 35)).toEqual([3, 0])
  })
})

test('the older ones of several nodes are added', () => {
  expect(older(known(['a', 3, [30, 20, 10]], ['b', 9, [28, 22]]), 35, 25, 5)).toEqual([12, 10, 0])
})

test('a node that has sent its number alone has none that is known to be older', () => {
  const sockets = new NewestSockets()
  sockets.receive('1', 'a', 100, 0, undefined)
  expect(older(sockets, 35)).toEqual([0])
})

test('a node is forgotten in all apps, and no other', () => {
  const sockets = known(['a', 3, [10]], ['b', 4, [10]])
  sockets.receive('2', 'a', 5, 0, [10])
  sockets.removeNode('a')
  expect(older(sockets, 20)).toEqual([4])
  expect(sockets.olderOnOthers('2', 'm')(20)).toBe(0)
})

test('an app is forgotten unless it is to be kept', () => {
  const sockets = known(['a', 3, [10]])
  sockets.receive('2', 'a', 5, 0, [10])
  sockets.keepOnly(new Map([['2', true]]))
  expect(older(sockets, 20)).toEqual([0])
  expect(sockets.olderOnOthers('2', 'm')(20)).toBe(5)
})
