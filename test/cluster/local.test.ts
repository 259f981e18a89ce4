import { LocalBus } from '../../src/cluster/local.ts'
import { backplaneContract } from '../support/backplane-contract.ts'

backplaneContract('in memory', async () => {
  const bus = new LocalBus(setImmediate)
  return {
    join: async listener => bus.join(listener),
    fall: async () => bus.fall('for a test'),
    rise: async () => bus.rise(),
    async [Symbol.asyncDispose]() {},
  }
})
