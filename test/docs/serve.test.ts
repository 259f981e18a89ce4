/** What serves the site to a reader, and to the tests in a browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveFolder } from '../../docs/.vitepress/serve.ts'
import { outcome } from '../support/child-process.ts'
import { root } from './support/pages.ts'

setDefaultTimeout(60_000)

describe('The server of the site', () => {
  let folder: string
  let server: Bun.Server<undefined>

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'revurb-site-'))
    writeFileSync(join(folder, 'index.html'), 'first')
    writeFileSync(join(folder, 'a b.html'), 'second')
    server = serveFolder(folder, 0)
  })

  afterAll(() => {
    server.stop(true)
    rmSync(folder, { recursive: true })
  })

  test.each([
    ['/', 'first'],
    ['/index.html', 'first'],
    ['/a%20b.html', 'second'],
  ])('answers %s with the page', async (path, text) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
    expect([answer.status, await answer.text()]).toEqual([200, text])
  })

  test.each(['/none.html', '/%', '/%ff', '/%00', '/..%2f..%2f..%2fetc%2fpasswd'])('has no page %s', async path => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
    expect([answer.status, await answer.text()]).toEqual([404, 'There is no such page.'])
  })

  test('is not started on a port that is in use, which is said before the build', async () => {
    const { code, output } = await outcome([process.execPath, 'bin/docs.ts', '--serve', '--port', `${server.port}`], {
      cwd: root,
      seconds: 30,
    })
    expect({ code, output }).toEqual({
      code: 1,
      output: `Port ${server.port} on 127.0.0.1 is in use. Choose another one: make docs DOCS="--serve --port N"\n`,
    })
  })
})
