import { expect, test } from 'bun:test'
import { version } from '../../package.json'
import { Command } from '../support/command.ts'

async function ran(...args: string[]) {
  await using command = new Command(...args)
  command.end()
  const { code, stdout, stderr } = await command.ended()
  return { code, said: stdout + stderr }
}

test('revurb --help names the commands', async () => {
  const { code, said } = await ran('--help')
  expect(code).toBe(0)
  expect(said).toContain('start')
  expect(said).toContain('check')
  expect((await ran('start', '--help')).said).toContain('--config')
})

test('revurb --version is that of the package', async () => {
  const { code, said } = await ran('--version')
  expect([code, said.trim()]).toEqual([0, version])
})

test.each([['unknown'], ['strat']])('revurb rejects an unknown command by its name: %s', async name => {
  const { code, said } = await ran(name)
  expect(code).not.toBe(0)
  expect(said).toContain(name)
})

test('revurb without a command fails with its usage', async () => {
  const { code, said } = await ran()
  expect(code).not.toBe(0)
  expect(said).toContain('start')
})
