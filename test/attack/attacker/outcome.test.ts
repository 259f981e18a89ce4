import { expect, test } from 'bun:test'
import { OutcomeCounter, sum } from './outcome.ts'

test('the outcome of a flood sums its rounds, closes and responses by name', () => {
  const [first, second] = [new OutcomeCounter(), new OutcomeCounter()]
  first.bytesSent = 10
  first.connections = 2
  first.closed('4100')
  first.answered('101')
  second.bytesSent = 5
  second.bytesReceived = 7
  second.connections = 1
  second.failedConnections = 1
  second.closed('4100')
  second.closed('end')
  second.answered('429')
  expect(sum([first.outcome, second.outcome])).toEqual({
    bytesSent: 15,
    bytesReceived: 7,
    connections: 3,
    failedConnections: 1,
    closes: { '4100': 2, end: 1 },
    statuses: { '101': 1, '429': 1 },
  })
})
