/** A Redis in a network namespace of its own, reached over cables that a test can unplug: packets are lost then, and no end is notified. */

import { outcome, run } from '../../support/child-process.ts'
import { freePort } from '../../support/ports.ts'
import type { Address } from '../../support/redis-ping.ts'
import { RedisProcess, withoutRedisServer } from '../../support/redis-process.ts'
import { missingProgram, withoutRoot } from '../../support/requirements.ts'

const name = `revurb${process.pid}`

const ip = (...words: string[]) => run(['ip', ...words])
const inside = (...words: string[]) => ip('-n', name, ...words)

async function withoutNamespaces(): Promise<string | false> {
  const { code, output } = await outcome(['ip', 'netns', 'add', name])
  if (code !== 0) return `no network namespace can be made here (${output.trim()})`
  await ip('netns', 'del', name)
  return false
}

export const withoutPartitionedNetwork: string | false =
  withoutRoot || missingProgram('ip', 'iproute2') || withoutRedisServer || (await withoutNamespaces())

export class PartitionedNetwork implements AsyncDisposable {
  private constructor(
    private readonly cables: readonly Cable[],
    private readonly redis: RedisProcess,
  ) {}

  static async made(cableCount: number): Promise<PartitionedNetwork> {
    const port = await freePort()
    const cables = Array.from({ length: cableCount }, (_, i) => cable(i, port))
    await ip('netns', 'add', name)
    const redis = new RedisProcess({ ...cables[0]!.address, within: ['ip', 'netns', 'exec', name] })
    const network = new PartitionedNetwork(cables, redis)
    try {
      for (const { here, there, hereAddress, address } of cables) {
        await ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
        await ip('address', 'add', `${hereAddress}/30`, 'dev', here)
        await ip('link', 'set', here, 'up')
        await inside('address', 'add', `${address.host}/30`, 'dev', there)
        await inside('link', 'set', there, 'up')
      }
      await redis.start()
    } catch (error) {
      await network[Symbol.asyncDispose]()
      throw error
    }
    return network
  }

  /** The address of Redis over each cable. */
  get addresses(): Address[] {
    return this.cables.map(({ address }) => address)
  }

  async unplug(index: number): Promise<void> {
    await inside('link', 'set', this.cables[index]!.there, 'down')
  }

  async plugIn(index: number): Promise<void> {
    await inside('link', 'set', this.cables[index]!.there, 'up')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.redis[Symbol.asyncDispose]()
    // Deleting the namespace deletes the cables too.
    await ip('netns', 'del', name)
  }
}

type Cable = { readonly here: string; readonly there: string; readonly hereAddress: string; readonly address: Address }

/** Of the addresses that are reserved for tests of networks (RFC 2544), each cable takes four. */
function cable(index: number, port: number): Cable {
  const network = `198.18.${process.pid % 256}`
  return {
    here: `rv${process.pid}-${index}`,
    there: `cable${index}`,
    hereAddress: `${network}.${4 * index + 1}`,
    address: { host: `${network}.${4 * index + 2}`, port },
  }
}
