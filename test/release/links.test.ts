import { describe, expect, test } from 'bun:test'
import { withAbsoluteLinks } from '../../bin/lib/release/links.ts'

const place = {
  file: 'guide/a.md',
  packaged: new Set(['guide/a.md', 'guide/b.md', 'stubs/nginx/revurb.conf']),
  tracked: new Set(['guide/a.md', 'guide/b.md', 'stubs/nginx/revurb.conf', 'src/README.md']),
  repository: 'https://github.com/revurb/revurb',
  tag: 'v0.2.0',
}
const absolute = (text: string) => withAbsoluteLinks(text, place)

describe('Links of the package', () => {
  test.each([
    '[b](b.md#part)',
    '[part](#part)',
    '[files](../stubs/nginx)',
    '[site](https://localhost/src/README.md)',
    '[mail](mailto:a@localhost)',
    '`[c](../src/README.md)`',
    '``[c](../src/README.md) ` ``',
    '```md\n[c](../src/README.md)\n```',
    '~~~\n[c](../src/README.md)\n~~~',
  ])('leaves %j as it is', text => {
    expect(absolute(text)).toBe(text)
  })

  test.each([
    ['[c](../src/README.md#core)', '[c](https://github.com/revurb/revurb/blob/v0.2.0/src/README.md#core)'],
    ['[folder](../src)', '[folder](https://github.com/revurb/revurb/tree/v0.2.0/src)'],
    ['![c](../src/README.md "title")', '![c](https://github.com/revurb/revurb/blob/v0.2.0/src/README.md "title")'],
    ['[c]: ../src/README.md', '[c]: https://github.com/revurb/revurb/blob/v0.2.0/src/README.md'],
    [
      '`code` [c](../src/README.md) and `more`\n```\nx\n```\n[d](../src/README.md)',
      '`code` [c](https://github.com/revurb/revurb/blob/v0.2.0/src/README.md) and `more`\n```\nx\n```\n[d](https://github.com/revurb/revurb/blob/v0.2.0/src/README.md)',
    ],
  ])('makes %j lead to the tag', (text, expected) => {
    expect(absolute(text)).toBe(expected)
  })

  test('refuses a link to what is not in the repository', () => {
    expect(() => absolute('[c](c.md)')).toThrow('guide/a.md links to c.md, which is not in the repository')
  })
})
