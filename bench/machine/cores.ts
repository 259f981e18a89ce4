/** One core for the servers, another for the load. */
import { readFileSync } from 'node:fs'

export type Cores = { readonly server: number; readonly load: number }

const variable = 'REVURB_BENCH_CORES'

/** Of those that this process may use: the last two, as the first often serves interrupts. */
export function chooseCores(list = allowedList()): Cores {
  const cores = list.split(',').flatMap(range => {
    const [from, to = from] = range.split('-').map(Number)
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i)
  })
  const [load, server] = cores.slice(-2)
  if (server === undefined) throw new Error('A benchmark needs two cores: one for the server, one for the load.')
  return { server, load: load! }
}

/** For those who measure in here. */
export function environment({ server, load }: Cores): Record<string, string> {
  return { [variable]: `${server},${load}` }
}

/** As they were chosen for this run. */
export function cores(): Cores {
  const chosen = process.env[variable]
  if (chosen === undefined) return chooseCores()
  const [server, load] = chosen.split(',').map(Number)
  return { server: server!, load: load! }
}

function allowedList(): string {
  return /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!
}
