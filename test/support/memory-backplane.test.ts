import { backplaneContract } from './backplane-contract.ts'
import { MemoryBackplane } from './memory-backplane.ts'

backplaneContract('a backplane in memory', async () => {
  const backplane = new MemoryBackplane(setImmediate)
  return {
    connect: async listener => backplane.connect(listener),
    disconnect: async () => backplane.disconnect('for a test'),
    reconnect: async () => backplane.reconnect(),
    async [Symbol.asyncDispose]() {},
  }
})
