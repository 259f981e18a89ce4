/** The documentation as a site: built, and read in a browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import type { Browser, Page } from 'playwright-core'
import { indexed, searched } from '../../docs/.vitepress/search.ts'
import { serveFolder } from '../../docs/.vitepress/serve.ts'
import { sidebar } from '../../docs/.vitepress/sidebar.ts'
import { launchBrowser } from '../support/browser.ts'
import { run } from '../support/child-process.ts'
import type { Block } from '../support/markdown.ts'
import { pages, root } from './support/pages.ts'

setDefaultTimeout(180_000)

const site = join(root, 'build/docs')
const names = sidebar.flatMap(({ items }) => items.map(({ link }) => link.slice(1)))
const isDiagram = ({ language }: Block) => language === 'mermaid'
const withDiagrams = pages.filter(({ blocks }) => blocks.some(isDiagram))
const phone = { width: 375, height: 740 }

let browser: Browser
let server: Bun.Server<undefined>
const missing: string[] = []

beforeAll(async () => {
  await run([process.execPath, join(root, 'bin/docs.ts')], { cwd: root })
  server = serveFolder(site, 0, path => {
    if (!fileExists(path)) missing.push(path)
  })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  server?.stop(true)
})

describe('The site', () => {
  test('has every page', () => {
    expect(names.filter(name => !fileExists(`/${name}.html`))).toEqual([])
  })

  test('loads nothing from another host, and has no link into the repository', () => {
    const faults = [...new Glob('**/*.{html,css}').scanSync(site)].flatMap(file => {
      const text = readFileSync(join(site, file), 'utf8')
      const loads =
        /<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)="(?:https?:)?\/\/[^"]*"|url\(["']?(?:https?:)?\/\/[^)]*|@import[^;]*\/\/[^;]*/g
      const outside = /<a\b[^>]*\bhref="(?:\.\.\/[^"]*|[^"]*\.md(?:#[^"]*)?)"/g
      return [loads, outside].flatMap(pattern => [...text.matchAll(pattern)].map(([found]) => `${file}: ${found}`))
    })
    expect(faults).toEqual([])
  })

  test('has files alone of which every web server knows the media type', () => {
    const known = /\.(html|js|css|json|woff2|png|svg|ico|txt|xml)$/
    expect([...new Glob('**/*').scanSync(site)].filter(file => !known.test(file))).toEqual([])
  })

  test('has the same anchors as GitHub', () => {
    const faults = pages.flatMap(({ file, headings }) => {
      const html = readFileSync(join(site, `${nameOf(file)}.html`), 'utf8')
      return headings.filter(({ slug }) => !html.includes(`id="${slug}"`)).map(({ slug }) => `${file}#${slug}`)
    })
    expect(faults).toEqual([])
  })
})

describe('In a browser, the site', () => {
  test.each(['light', 'dark'] as const)('is read in the %s theme', async colorScheme => {
    await using page = await opened('installation', { colorScheme })
    const [background, color] = await page.evaluate<[string, string]>(
      `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]`,
    )
    expect([brightness(background) > 128, brightness(color) > 128]).toEqual(
      colorScheme === 'light' ? [true, false] : [false, true],
    )
    expect(page.faults).toEqual([])
  })

  test('needs no horizontal scrolling on a phone', async () => {
    await using page = await opened('index', { viewport: phone })
    for (const name of names) {
      await page.goto(`${server.url}${name}.html`)
      // What is too wide, and is in nothing that scrolls.
      const wide = await page.evaluate<string[]>(`(() => {
        const parents = element => element === document.body ? [] : [element.parentElement, ...parents(element.parentElement)]
        const scrolls = element => /auto|scroll|hidden/.test(getComputedStyle(element).overflowX)
        return [...document.querySelectorAll('body *')]
          .filter(element => element.getBoundingClientRect().right > innerWidth + 1 && !parents(element).some(scrolls))
          .map(element => element.outerHTML.slice(0, 80))
      })()`)
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect({ name, width, wide }).toEqual({ name, width: phone.width, wide: [] })
    }
    expect(page.faults).toEqual([])
  })

  // Each has to be among the first results, with that text in it.
  test.each([
    ['4200', /4200/, /.*/],
    ['nginx', /nginx/i, /proxies/],
    ['REVURB_BUN', /REVURB_BUN/, /installation|configuration/],
    ['reverb:restart', /reverb:restart/, /running/],
    ['max_connections', /max_connections/, /.*/],
  ])('finds "%s"', async (question, text, place) => {
    await using page = await opened('index')
    await page.locator('.VPNavBarSearch button').first().click()
    await page.locator('.VPLocalSearchBox input').fill(question)
    await page.locator('.VPLocalSearchBox .result').first().waitFor()
    // The excerpts are filled in after the results.
    await page.waitForFunction(`document.querySelector('.VPLocalSearchBox .result .excerpt')?.textContent.trim() !== ''`)
    const results = await page.locator('.VPLocalSearchBox .result').all()
    const first = await Promise.all(
      results.slice(0, 5).map(async result => [await result.getAttribute('href'), await result.textContent()] as const),
    )
    expect(first.filter(([, shown]) => text.test(shown!)).length, JSON.stringify(first)).toBeGreaterThan(0)
    expect(
      first.some(([href]) => place.test(href!)),
      JSON.stringify(first),
    ).toBe(true)
    await page.locator('.VPLocalSearchBox .result').first().click()
    await page.locator('.vp-doc h1').waitFor()
    expect(page.faults).toEqual([])
  })

  test.each(withDiagrams.map(({ file, blocks }) => [nameOf(file), blocks.filter(isDiagram).length] as const))(
    'draws the diagrams of %s, again when the theme changes',
    async (name, count) => {
      await using page = await opened(name, { colorScheme: 'light' })
      const drawn = () => page.waitForFunction(`document.querySelectorAll('.diagram svg').length === ${count}`)
      await drawn()
      const before = await page.locator('.diagram svg').first().innerHTML()
      await page.locator('.VPSwitchAppearance').first().click()
      await page.waitForFunction(`document.querySelector('.diagram svg')?.innerHTML !== ${JSON.stringify(before)}`)
      await drawn()
      expect(page.faults).toEqual([])
    },
  )

  test('loads the library for diagrams on pages with diagrams alone', async () => {
    await using page = await opened('installation')
    expect(page.urls.filter(url => /mermaid|diagram/i.test(url) && !/Diagram\b/.test(url))).toEqual([])
  })

  test('asks for no file that it does not have', () => {
    expect(missing).toEqual([])
  })
})

describe('The search', () => {
  test('has names whole and in parts, and asks for them whole', () => {
    expect(indexed('Set REVURB_BUN, or close with 4200–4299.')).toEqual([
      'Set',
      'REVURB_BUN',
      'REVURB',
      'BUN',
      'or',
      'close',
      'with',
      '4200',
      '4299',
    ])
    expect(searched('REVURB_BUN reverb:')).toEqual(['REVURB_BUN', 'reverb'])
  })
})

type Opened = Page & AsyncDisposable & { readonly faults: string[]; readonly urls: string[] }

/** A page that notes what went wrong in it, and what it asked other hosts for. */
async function opened(name: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const [faults, urls]: [string[], string[]] = [[], []]
  page.on('pageerror', error => faults.push(error.message))
  page.on('console', message => message.type() === 'error' && faults.push(message.text()))
  page.on('request', request => {
    urls.push(request.url())
    if (!/^(?:data|blob):/.test(request.url()) && new URL(request.url()).host !== server.url.host) faults.push(request.url())
  })
  await page.goto(`${server.url}${name}.html`, { waitUntil: 'load' })
  await page.locator('.vp-doc h1').waitFor()
  return Object.assign(page, { faults, urls, [Symbol.asyncDispose]: () => context.close() })
}

/** Of a page on the site. */
function nameOf(file: string): string {
  return file.replace(/^docs\/(.*)\.md$/, '$1')
}

function fileExists(path: string): boolean {
  return existsSync(join(site, path.endsWith('/') ? `${path}index.html` : path))
}

/** Of a color as `getComputedStyle` has it. */
function brightness(color: string): number {
  const [red, green, blue] = [...color.matchAll(/[\d.]+/g)].map(([part]) => Number(part))
  return (red! + green! + blue!) / 3
}
