import { readdirSync, readFileSync } from 'node:fs'

/** The process ids below `pid`, from /proc. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const child of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    const parent = stat(child)?.parent
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), child])
  }
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap(child => [child, ...below(child)])

  return below(pid)
}

/** False for a zombie too: it has ended, and only its exit code was not read. */
export function runs(pid: number): boolean {
  const state = stat(pid)?.state

  return state !== undefined && state !== 'Z'
}

export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? ''
}

function stat(pid: number): { state: string; parent: number } | undefined {
  // The second field is the name in brackets, and may hold anything.
  const [state, parent] = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ') ?? []

  return state === undefined ? undefined : { state, parent: Number(parent) }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
