/** The limits of connections per address: in the files that `reverb:install` writes for proxies, and in the documented rules of a firewall. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { Daemon } from '../support/child-process.ts'
import { clean, DeployedApp, root } from '../support/deployed-app.ts'
import { freePort } from '../support/ports.ts'
import { cannotRun, missingProgram, withoutRoot } from '../support/requirements.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'
import { documented } from './blocks/documented.ts'
import { proxies, stubs } from './support/proxies.ts'

setDefaultTimeout(180_000)

let app: DeployedApp
let server: Daemon

beforeAll(async () => {
  app = await DeployedApp.make()
  await app.install(...stubs)
  server = await Daemon.started(['php', 'artisan', 'reverb:start'], () => app.isUp(), { cwd: app.folder, env: clean() })
})

afterAll(async () => {
  await server?.stop()
  await app?.[Symbol.asyncDispose]()
})

for (const { proxy, isSkipped } of proxies) {
  const { limited } = proxy
  if (limited === undefined) continue
  test.skipIf(isSkipped)(`the commented lines for ${proxy.name} limit the connections of one address`, async () => {
    const limitedPort = await freePort()
    await using _limited = await proxy.start(app, limitedPort, limited)
    const connected = async (from: string) => {
      const client = await Connection.open(limitedPort, from)
      client.handshake()
      return { client, status: (await client.response()).status }
    }
    const clients = [await connected('127.0.0.1'), await connected('127.0.0.1'), await connected('127.0.0.1')]
    expect(clients.map(({ status }) => status)).toEqual([101, 101, 101])
    const refused = await connected('127.0.0.1')
    expect(refused.status).toBe(429)
    const other = await connected('127.0.0.2')
    expect(other.status).toBe(101)
    clients[0]!.client.destroy()
    await until('a connection is allowed again', async () => {
      const next = await connected('127.0.0.1')
      clients.push(next)
      return next.status === 101
    })
    for (const { client } of [...clients, refused, other]) client.destroy()
  })
}

const counting =
  'table inet t { set s { type ipv4_addr; flags dynamic; size 9; }; chain c { add @s { ip saddr ct count over 1 } drop; }; }'
const withoutFirewall =
  missingProgram('nft', 'nftables') ||
  withoutRoot ||
  (Bun.spawnSync(['unshare', '--net', 'nft', counting]).exitCode !== 0 &&
    'this root, or this kernel, has no rules that count connections')

test.skipIf(cannotRun('the documented rules of a firewall', withoutFirewall))(
  'the documented rules of a firewall limit the connections of one address',
  async () => {
    const rules = documented('proxies', 'Bodies and connections', 'nft')
      .replace('dport 443', 'dport 8443')
      .replace('over 100', 'over 3')
    const script = ['ip link set lo up', 'nft -f -', `exec ${process.execPath} test/deploy/support/open-connections.ts`].join(
      ' && ',
    )
    const child = Bun.spawn(['unshare', '--net', 'sh', '-c', script], { cwd: root, stdin: new Blob([rules]), stdout: 'pipe' })
    expect(await new Response(child.stdout).json()).toEqual({
      '127.0.0.1': ['connected', 'connected', 'connected', 'refused', 'refused'],
      '127.0.0.2': ['connected'],
    })
  },
)
