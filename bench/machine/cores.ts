/** One core for the servers, another for the load generator. */
import { readFileSync } from 'node:fs'

export type Cores = { readonly server: number; readonly load: number }

const variable = 'REVURB_BENCH_CORES'

/** The last two cores that this process may use, because the first one often serves interrupts. */
export function chooseCores(list = allowedList()): Cores {
  const cores = list.split(',').flatMap(range => {
    const [from, to = from] = range.split('-').map(Number)
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i)
  })
  const [load, server] = cores.slice(-2)
  if (server === undefined) throw new Error('A benchmark needs two cores: one for the server, one for the load.')
  return { server, load: load! }
}

/** Environment variables that hand the choice to the process that measures. */
export function environment({ server, load }: Cores): Record<string, string> {
  return { [variable]: `${server},${load}` }
}

/** The cores of this run. */
export function cores(): Cores {
  const selected = process.env[variable]
  if (selected === undefined) return chooseCores()
  const [server, load] = selected.split(',').map(Number)
  return { server: server!, load: load! }
}

function allowedList(): string {
  return /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!
}
