/** What `<!-- run: … -->` can name, and the suite that runs it. */
import type { Block, Page } from '../../support/markdown.ts'
import { all } from './pages.ts'

/** Read or parsed, without an application. */
const parsed = ['json', 'yaml', 'js', 'php'] as const

/** Run in order, in one application for each page, or in this checkout. */
export const played = ['app', 'checkout', 'env'] as const

/** The real programs, in test/deploy. */
const proxied = ['nginx', 'caddyfile', 'apache', 'haproxy'] as const

export const environments: readonly string[] = [...parsed, ...played, ...proxied]

export type Marked = Block & { readonly run: NonNullable<Block['run']> }

export function marked(page: Page, among: readonly string[] = environments): Marked[] {
  return page.blocks.filter((block): block is Marked => block.run !== undefined && among.includes(block.run.environment))
}

/** The marked blocks of all pages, with their places. */
export function blocksFor(environment: string): { readonly place: string; readonly block: Marked }[] {
  return all.flatMap(page => marked(page, [environment]).map(block => ({ place: `${page.file}:${block.line}`, block })))
}
