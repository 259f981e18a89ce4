/** Every link within the documentation, and every page that the code names, leads somewhere. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { Glob } from 'bun'
import { sidebar } from '../../docs/.vitepress/sidebar.ts'
import { type Page, parsePage, readPage } from '../support/markdown.ts'
import { all, at, pages, root } from './support/pages.ts'

const changes = readPage('CHANGELOG.md')
const known = new Map([...all, changes].map(page => [page.file, page]))

describe('Links', () => {
  test.each([...known.values()].map(page => [page.file, page] as const))(
    'every link of %s leads to a file and a heading',
    (_, page) => {
      expect(page.links.flatMap(link => fault(page, link.target).map(text => `${at(page, link)}: ${text}`))).toEqual([])
    },
  )

  test('every page and heading of docs/ that the code names exists', () => {
    const faults = [
      ...new Glob('{src,php-bridge,stubs,bench,bin,test,demo}/**/*.{ts,php,sh,conf,cfg,caddy,yaml,js}').scanSync(root),
    ]
      .filter(file => !/(^|\/)(node_modules|vendor|recordings)\//.test(file) && !file.startsWith('test/docs/'))
      .flatMap(file =>
        [...readFileSync(join(root, file), 'utf8').matchAll(/\bdocs\/[\w-]+\.md(?:#[\w-]+)?/g)]
          .flatMap(([target]) => fault(undefined, target))
          .map(text => `${file}: ${text}`),
      )
    expect([...new Set(faults)]).toEqual([])
  })

  test('every source file and every test that a page names exists', () => {
    const folders = readdirSync(join(root, 'src')).join('|')
    const path = new RegExp(`^(?:(?:src|test|php-bridge|bench|bin|demo)/[\\w./-]+\\.(?:ts|php)|(${folders})/[\\w./-]+\\.ts)$`)
    const faults = all.flatMap(page =>
      page.spans.flatMap(span => {
        const [file, folder] = path.exec(span.text) ?? []
        // `A` is any folder.
        if (file === undefined || /\bA\//.test(file)) return []
        const places = folder === undefined ? [file] : [`src/${file}`, `test/${file}`]
        return places.some(place => existsSync(join(root, place))) ? [] : [`${at(page, span)}: no ${file}`]
      }),
    )
    expect(faults).toEqual([])
  })

  test('a link to a file or heading that is not there is found', () => {
    const page = parsePage('docs/x.md', '# One `two` _three_\n\n[a](#one-two-three) [b](#one) [c](nowhere.md)\n[d](../LICENSE)\n')
    expect(page.links.flatMap(({ target }) => fault(page, target))).toEqual([
      'no heading #one in docs/x.md',
      'no docs/nowhere.md',
    ])
  })
})

describe('The site', () => {
  const names = pages.map(({ file }) => file.replace(/^docs\/(.*)\.md$/, '$1')).filter(name => name !== 'index')

  test('its sidebar has every page of docs/ once, and no other', () => {
    const linked = sidebar.flatMap(({ items }) => items.map(({ link }) => link.slice(1)))
    expect(linked.toSorted()).toEqual(names)
  })

  test('docs/index.md links to every page of docs/', () => {
    const index = pages.find(({ file }) => file === 'docs/index.md')!
    const linked = index.links.map(({ target }) => /^([\w-]+)\.md(?:#.*)?$/.exec(target)?.[1])
    expect(names.filter(name => !linked.includes(name))).toEqual([])
  })
})

/** What is wrong with a target, as a link of that page or as a path from the root. */
function fault(page: Page | undefined, target: string): string[] {
  if (/^(?:https?|mailto):/.test(target)) return []
  const [path, anchor] = target.split('#') as [string, string?]
  const file = path === '' ? page!.file : normalize(join(page === undefined ? '' : join(page.file, '..'), decodeURI(path)))
  if (path !== '' && !existsSync(join(root, file))) return [`no ${file}`]
  if (anchor === undefined) return []
  const { headings } = file === page?.file ? page : (known.get(file) ?? readPage(file))
  return headings.some(({ slug }) => slug === decodeURIComponent(anchor)) ? [] : [`no heading #${anchor} in ${file}`]
}
