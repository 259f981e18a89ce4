import { expect, test } from 'bun:test'
import { tallyOf } from './junit.ts'

test('the counts are those of the outermost suite', () => {
  const inner = '<testsuite name="inner" tests="2" failures="1" skipped="0"></testsuite>'
  const xml = `<?xml version="1.0"?>\n<testsuites name="bun test" tests="7" failures="2" skipped="1">${inner}</testsuites>`
  expect(tallyOf(xml)).toMatchObject({ passed: 4, failed: 2, skipped: 1 })
})

test('an error of PHPUnit is a failure, too', () => {
  const xml =
    '<testsuites><testsuite name="php" tests="3" assertions="9" errors="1" failures="1" skipped="0"></testsuite></testsuites>'
  expect(tallyOf(xml)).toMatchObject({ passed: 1, failed: 2, skipped: 0 })
})

test('a report without suites counts nothing', () => {
  expect(tallyOf('')).toEqual({ passed: 0, failed: 0, skipped: 0, failures: [] })
})

test('each failed test is named with its reason, unescaped', () => {
  const passed = '<testcase name="ok" classname="group" time="0.1" />'
  const failed = `<testcase name="fails &quot;so&quot;" classname="group &lt;a&gt;" time="0.2">
    <failure type="AssertionError" message="1&#10;2">Expected: 2&#10;&#10;Received: &#x31; &amp; &unknown;</failure>
  </testcase>`
  const thrown = '<testcase name="throws" class="T" classname="T"><error type="E">E: no\nat line 3</error></testcase>'
  const silent = '<testcase name="silent"><failure type="TestTimeoutError" /></testcase>'
  expect(tallyOf(passed + failed + passed + thrown + silent).failures).toEqual([
    'group <a> > fails "so"\n  Expected: 2\n  Received: 1 & &unknown;',
    'T > throws\n  E: no\n  at line 3',
    'silent',
  ])
})

test('a long reason is cut', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`)
  const xml = `<testcase name="long"><failure>${lines.join('&#10;')}</failure></testcase>`
  expect(tallyOf(xml).failures).toEqual([['long', ...lines.slice(0, 12).map(line => `  ${line}`)].join('\n')])
})
