import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDocument } from '../../src/runtime/document.ts'
import { lines } from '../../src/runtime/lines.ts'
import { jsonLog } from '../../src/runtime/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'revurb-document-'))
afterAll(() => rmSync(folder, { recursive: true }))

const warned: string[] = []
const log = jsonLog(
  line => void warned.push(line),
  () => new Date(),
  false,
)

async function* input(...texts: string[]) {
  yield* texts
}

describe('a configuration document in a file', () => {
  function file(mode: number): string {
    const name = join(folder, `${mode}.json`)
    writeFileSync(name, '{"a":\n1}')
    chmodSync(name, mode)
    return name
  }

  test.each([0o600, 0o640])('is read whole, without a warning where others cannot read it (%d)', async mode => {
    warned.length = 0
    expect(await readDocument(file(mode), undefined, log)).toBe('{"a":\n1}')
    expect(warned).toEqual([])
  })

  test.each([0o644, 0o604, 0o666])('is read with a warning where every user can read it (%d)', async mode => {
    warned.length = 0
    const name = file(mode)
    expect(await readDocument(name, undefined, log)).toBe('{"a":\n1}')
    expect(warned).toHaveLength(1)
    expect(JSON.parse(warned[0]!)).toMatchObject({ level: 'warn', message: expect.stringContaining(name) })
  })

  test('is a fault where the file does not exist', async () => {
    await expect(readDocument(join(folder, 'none'), undefined, log)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('The configuration cannot be read: '),
    })
  })
})

describe('a configuration document on stdin', () => {
  test('is the first line: the others remain for commands', async () => {
    const source = lines(input('{"a":1}\n{"comm', 'and":"send"}\n'))
    expect(await readDocument(undefined, source, log)).toBe('{"a":1}')
    expect((await source.next()).value).toBe('{"command":"send"}')
  })

  test('is empty where stdin is', async () => {
    expect(await readDocument(undefined, lines(input()), log)).toBe('')
    expect(await readDocument(undefined, undefined, log)).toBe('')
  })
})
