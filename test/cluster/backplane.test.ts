/** The contract of backplanes on those that need no other process. `test/scaling` tests it with a real Redis. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectToUnixSocket, listenOnUnixSocket } from '../../src/cluster/unix-socket.ts'
import { backplaneContract } from '../support/backplane-contract.ts'
import { MemoryBackplane } from '../support/memory-backplane.ts'

backplaneContract('a backplane in memory', {
  nodes: 'many',
  hasCommonOrder: true,
  reconnects: true,
  start: async () => {
    const backplane = new MemoryBackplane(setImmediate)
    return {
      connect: async listener => backplane.connect(listener),
      disconnect: async () => backplane.disconnect('for a test'),
      reconnect: async () => backplane.reconnect(),
      async [Symbol.asyncDispose]() {},
    }
  },
})

backplaneContract('a backplane over a Unix socket', {
  nodes: 2,
  hasCommonOrder: false,
  reconnects: false,
  start: async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'revurb-backplane-')), 'backplane.sock')
    let isListening = false
    return {
      connect: listener => {
        const options = { path, listener, defer: setImmediate, sleep: Bun.sleep }
        const isFirst = !isListening
        isListening = true
        return isFirst ? listenOnUnixSocket(options) : connectToUnixSocket(options, () => {})
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})
