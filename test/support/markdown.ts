/** A page of the documentation taken apart: headings, links, code, and the blocks that a test runs (CONTRIBUTING.md has their marks). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { slugOf } from '../../docs/.vitepress/slug.ts'

const root = join(import.meta.dir, '../..')

type Heading = { readonly text: string; readonly slug: string; readonly line: number }
type Link = { readonly target: string; readonly line: number }
export type Code = { readonly text: string; readonly line: number }

export type Block = Code & {
  readonly language: string
  /** What the comment `<!-- run: ENVIRONMENT, OPTION … -->` in front of it names. */
  readonly run?: { readonly environment: string; readonly options: readonly string[] }
  /** The block behind `<!-- output -->`, which follows it. */
  readonly output?: string
}

export type Page = {
  /** From the root of the repository. */
  readonly file: string
  readonly headings: readonly Heading[]
  readonly links: readonly Link[]
  /** Code within lines. */
  readonly spans: readonly Code[]
  readonly blocks: readonly Block[]
  /** Without code and comments, line by line. */
  readonly prose: readonly string[]
}

export function readPage(file: string): Page {
  return parsePage(file, readFileSync(join(root, file), 'utf8'))
}

export function parsePage(file: string, source: string): Page {
  const { lines, blocks } = withoutBlocks(file, source.split('\n'))
  const { text, spans } = withoutSpans(lines)
  return { file, headings: headingsOf(lines), links: linksOf(text), spans, blocks, prose: text.split('\n') }
}

/** Takes the fences and comments out; each leaves empty lines. */
function withoutBlocks(file: string, source: readonly string[]): { lines: string[]; blocks: Block[] } {
  const lines = blankComments(source)
  const found: (Block & { isOutput: boolean; from: number })[] = []
  for (let at = 0; at < source.length; at++) {
    const [, indent, fence, info] = /^((?:\s|>)*)(`{3,}|~{3,})\s*([^`]*)$/.exec(lines[at]!) ?? []
    if (fence === undefined) continue
    const end = source.findIndex((line, i) => i > at && isEnd(line, fence))
    if (end < 0) throw new Error(`${file}:${at + 1}: this block has no end`)
    const body = source.slice(at + 1, end).map(line => unindented(line, indent!))
    const comment = /^(?:\s|>)*<!--\s*(.*?)\s*-->\s*$/.exec(source[at - 1] ?? '')?.[1]
    const [, environment, ...options] = /^run:/.test(comment ?? '') ? comment!.split(/^run:\s*|\s*,\s*/) : []
    found.push({
      text: body.join('\n'),
      line: at + 1,
      language: info!.trim().split(/\s/)[0]!,
      ...(environment === undefined ? {} : { run: { environment, options } }),
      isOutput: comment === 'output',
      from: at,
    })
    for (let line = at; line <= end; line++) lines[line] = ''
    at = end
  }
  return { lines, blocks: withOutputs(file, found) }
}

function withOutputs(file: string, found: readonly (Block & { isOutput: boolean })[]): Block[] {
  return found.flatMap(({ isOutput, ...block }, at) => {
    if (isOutput && found[at - 1]?.run === undefined) throw new Error(`${file}:${block.line}: an output of no runnable block`)
    const next = found[at + 1]
    return [next?.isOutput && block.run !== undefined ? { ...block, output: next.text } : block]
  })
}

function isEnd(line: string, fence: string): boolean {
  const ending = line.replace(/^(\s|>)*/, '').trimEnd()
  return ending.length >= fence.length && ending === fence[0]!.repeat(ending.length)
}

function unindented(line: string, indent: string): string {
  return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()
}

/** Comments outside of fences. */
function blankComments(source: readonly string[]): string[] {
  let fence: string | undefined
  let isComment = false
  return source.map(line => {
    if (fence !== undefined) {
      if (isEnd(line, fence)) fence = undefined
      return line
    }
    fence = isComment ? undefined : /^(?:\s|>)*(`{3,}|~{3,})[^`]*$/.exec(line)?.[1]
    if (fence !== undefined) return line
    let rest = line
    let kept = ''
    while (rest !== '') {
      const at = rest.indexOf(isComment ? '-->' : '<!--')
      if (!isComment) kept += at < 0 ? rest : rest.slice(0, at)
      rest = at < 0 ? '' : rest.slice(at + (isComment ? 3 : 4))
      if (at >= 0) isComment = !isComment
    }
    return kept
  })
}

/** Takes the code within lines out; letters of it become spaces. */
function withoutSpans(lines: readonly string[]): { text: string; spans: Code[] } {
  const source = lines.join('\n')
  const spans: Code[] = []
  const text = source.replaceAll(
    /(?<!`)(`+)(?!`)((?:(?!\n\s*\n)[\s\S])*?[^`])\1(?!`)/g,
    (span, _ticks, code: string, at: number) => {
      spans.push({ text: code.replaceAll(/\s+/g, ' ').trim(), line: lineOf(source, at) })
      return span.replaceAll(/[^\n]/g, ' ')
    },
  )
  return { text, spans }
}

function headingsOf(lines: readonly string[]): Heading[] {
  const seen = new Map<string, number>()
  return lines.flatMap((line, at) => {
    const text = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1]
    if (text === undefined) return []
    const slug = slugOf(withoutMarkup(text))
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return [{ text: withoutMarkup(text), slug: count === 0 ? slug : `${slug}-${count}`, line: at + 1 }]
  })
}

function withoutMarkup(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|`/g, '')
    .replaceAll(/(?<![\w*])[*_]([^*_]+)[*_](?![\w*])/g, '$1')
}

function linksOf(text: string): Link[] {
  const inline = /\[(?:[^[\]]|\[[^[\]]*\](?:\([^()]*\))?)*\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\))?)>?(?:\s+"[^"]*")?\s*\)/g
  const reference = /^ {0,3}\[[^\]]+\]:\s*(\S+)/gm
  const image = /!\[[^\]]*\]\(\s*([^()\s]+)\s*\)/g
  const html = /<(?:a|img|source)\b[^>]*?\b(?:href|src)="([^"]+)"/g
  const found = [inline, reference, image, html].flatMap(pattern =>
    [...text.matchAll(pattern)].map(match => ({ target: match[1]!, line: lineOf(text, match.index) })),
  )
  return found.filter(({ target, line }, at) => found.findIndex(link => link.target === target && link.line === line) === at)
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}
