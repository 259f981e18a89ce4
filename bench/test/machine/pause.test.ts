import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { pause, resume } from '../../machine/pause.ts'

const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)![0]

async function reaches(pid: number, state: string): Promise<void> {
  while (stateOf(pid) !== state) await Bun.sleep(1)
}

test('a paused process is stopped until it is resumed', async () => {
  const child = Bun.spawn(['sleep', '60'])
  try {
    pause([child.pid])
    await reaches(child.pid, 'T')
    resume([child.pid])
    await reaches(child.pid, 'S')
  } finally {
    child.kill()
    await child.exited
  }
})

test('a process that has exited is ignored', () => expect(() => pause([2 ** 31 - 1])).not.toThrow())
