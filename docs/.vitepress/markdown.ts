/** What the pages have that VitePress does not render by itself. */
import { posix } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/** Braces in a page are text: Vue, which makes it a component, would compile them. */
export function braces(md: MarkdownRenderer): void {
  for (const name of ['text', 'code_inline'] as const) {
    const rule = md.renderer.rules[name]!
    md.renderer.rules[name] = (...args) => rule(...args).replaceAll('{{', '&#123;&#123;')
  }
}

/** A link to a file outside of docs/ is the path of that file: the site does not contain it. */
export function linksOutside(md: MarkdownRenderer): void {
  md.core.ruler.push('links-outside', state => {
    const folder = posix.dirname(String(state.env.relativePath ?? ''))
    for (const { children } of state.tokens) {
      for (let at = 0; children !== null && at < children.length; at++) {
        const path = outside(children[at]!, folder)
        if (path === undefined) continue
        const end = children.findIndex((token, i) => i > at && token.type === 'link_close')
        const text = children.slice(at + 1, end)
        const code = new state.Token('code_inline', 'code', 0)
        code.content = path
        children.splice(at, end - at + 1, ...(shown(text) === path ? [code] : [...text, ...inBrackets(state.Token, code)]))
      }
    }
  })
}

/** A fence with a diagram is drawn in the browser: see theme/diagram.js. */
export function diagrams(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info, content } = tokens[index]!
    if (info.trim() === 'mermaid') return `<Diagram source="${encodeURIComponent(content.trim())}" />\n`
    return fence!(tokens, index, options, env, self)
  }
}

/** The path from the root of the repository, where the token begins a link to a file that is not below docs/. */
function outside(token: Token, folder: string): string | undefined {
  const href = token.type === 'link_open' ? (token.attrGet('href') ?? '') : ''
  if (href === '' || href.startsWith('#') || href.startsWith('/') || /^[a-z][a-z+.-]*:/i.test(href)) return undefined
  const path = posix.join('docs', folder, decodeURI(href.replace(/[?#].*$/, '')))
  return path.startsWith('docs/') ? undefined : path
}

function shown(tokens: readonly Token[]): string {
  return tokens.map(({ content }) => content).join('')
}

function inBrackets(Token: new (type: string, tag: string, nesting: 0) => Token, code: Token): Token[] {
  const [open, close] = [' (', ')'].map(content => Object.assign(new Token('text', '', 0), { content }))
  return [open!, code, close!]
}
