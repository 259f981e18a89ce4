import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { pause, resume } from '../../../bench/machine/pause.ts'
import { until } from '../../support/until.ts'

const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)![0]

test('a process stands still until it is resumed', async () => {
  const child = Bun.spawn(['sleep', '60'])
  try {
    pause([child.pid])
    await until('it stands still', () => stateOf(child.pid) === 'T')
    resume([child.pid])
    await until('it goes on', () => stateOf(child.pid) === 'S')
  } finally {
    child.kill()
    await child.exited
  }
})

test('one that has ended is left alone', () => expect(() => pause([2 ** 31 - 1])).not.toThrow())
