import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { licenceTexts } from '../../bin/lib/release/licences.ts'

const root = mkdtempSync(join(tmpdir(), 'revurb-licences-'))
afterAll(() => rmSync(root, { recursive: true }))

/** What is written of a package with these files. */
function textsOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = `node_modules/${name}`
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return licenceTexts('dist/revurb.js', [{ folder, name, version: '1.2.3', licence: 'MIT', sha512: '', requires: [] }], root)
}

describe('The licences of a package', () => {
  test('are its own, and those of the code that it has bundled itself', () => {
    const text = textsOf('bundles', {
      LICENSE: 'Licence of the package\r\n',
      'dist/THIRD-PARTY-LICENSES.md': 'Licence of what it has bundled',
      'lib/vendor/LICENSE.txt': 'Licence of a copy',
      'lib/licence.js': 'code',
      NOTICE: 'Notice',
      'README.md': 'Pages',
      'node_modules/other/LICENSE': 'Licence of another package',
    })
    expect(text.split('\n\n').slice(1)).toEqual([
      `${'-'.repeat(80)}\nbundles 1.2.3 (MIT)`,
      'Licence of the package',
      'Notice',
      'Licence of what it has bundled',
      'Licence of a copy\n',
    ])
  })

  test.each([
    ['has none', { 'README.md': 'Pages' }],
    ['has a notice alone', { 'NOTICE.md': 'Notice' }],
    ['has that of a copy alone', { 'lib/vendor/LICENSE': 'Licence of a copy' }],
  ])('are demanded of one that %s', (name, files) => {
    expect(() => textsOf(name.replaceAll(' ', '-'), files)).toThrow('1.2.3 (MIT) is in dist/revurb.js, and has no file with its')
  })
})
