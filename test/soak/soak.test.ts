import { expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'

setDefaultTimeout(180_000)

test('a short soak with one restart has no failed connection', async () => {
  const args = ['--connections', '4000', '--every', '2000', '--restarts', '1', '--within', '100']
  const run = Bun.spawn([process.execPath, join(import.meta.dir, 'run.ts'), ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [output, errors, code] = await Promise.all([new Response(run.stdout).text(), new Response(run.stderr).text(), run.exited])
  expect({ errors, code }, output).toEqual({ errors: '', code: 0 })
  expect(output).toMatch(/^ *2000 +200 +\d+ .*\n *4000 +400 +\d+ /m)
  expect(output).toContain('Memory and descriptors stayed within 100 % of the first measurement.')
})
