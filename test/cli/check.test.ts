import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, document } from '../support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'revurb-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function checked(text: string, ...args: string[]) {
  await using command = new Command('check', ...args)
  command.end(text)
  const { code, stdout, stderr } = await command.ended()
  return { code, said: stdout + stderr }
}

test('a good document is 0, on stdin and in a file; nothing is started', async () => {
  const text = JSON.stringify(document({ server: { port: 4711, path: 'ws' }, extra: 1 }))
  const path = join(folder, 'good.json')
  writeFileSync(path, text, { mode: 0o600 })
  for (const { code, said } of [await checked(`${text}\n`), await checked('', '--config', path)]) {
    expect(code).toBe(0)
    expect(said).toContain('The configuration is sound')
    expect(said).toContain('127.0.0.1:4711/ws')
    expect(said).toContain('extra is not known and was ignored')
    expect(said).not.toContain('"ready"')
    expect(said).not.toContain('app-secret')
  }
})

describe('a bad one is 78', () => {
  test('with every fault', async () => {
    const { code, said } = await checked(JSON.stringify(document({ version: 9, server: { port: -1 }, app: { secret: null } })))
    expect(code).toBe(78)
    for (const fault of [
      'version must be 1',
      'servers.reverb.port (REVERB_SERVER_PORT, --port) must be',
      'apps.apps.0.secret (REVERB_APP_SECRET) is missing',
    ])
      expect(said).toContain(fault)
    expect(said).not.toContain('sound')
  })

  test.each([
    ['', 'is empty'],
    ['{', 'is not JSON'],
  ])('%j', async (text, fault) => {
    const { code, said } = await checked(text)
    expect(code).toBe(78)
    expect(said).toContain(fault)
  })

  test('when the file is not there', async () => {
    const { code, said } = await checked('', '--config', join(folder, 'none.json'))
    expect(code).toBe(78)
    expect(said).toContain(join(folder, 'none.json'))
  })
})
