/** The blocks that the pages of docs/ show for proxies, firewalls and containers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param page `proxies` is docs/proxies.md
 * @param heading of the section, which ends at the next heading
 * @param language of the fence
 * @throws unless the section has exactly one such block
 */
export function documented(page: string, heading: string, language: string): string {
  const text = readFileSync(join(import.meta.dir, `../../../docs/${page}.md`), 'utf8')
  const section = text.split(/^##+ /m).find(section => section.startsWith(`${heading}\n`)) ?? ''
  const blocks = [...section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))]
  if (blocks.length !== 1) throw new Error(`docs/${page}.md has ${blocks.length} blocks for ${language} below "${heading}"`)
  return blocks[0]![1]!
}
