/** Opens several connections from one address and one from another, to a port of this network namespace, and prints the outcome of each. */
import { Connection } from '../../support/tcp.ts'

const port = 8443
const listener = Bun.listen({ hostname: '0.0.0.0', port, socket: { data() {} } })
const outcomes: Record<string, string[]> = {}
for (const from of ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2']) {
  const outcome = await Connection.open(port, from).then(
    () => 'connected',
    () => 'refused',
  )
  outcomes[from] = [...(outcomes[from] ?? []), outcome]
}
console.log(JSON.stringify(outcomes))
listener.stop(true)
process.exit()
