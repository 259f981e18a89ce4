/** The blocks that docs/deployment.md shows for several proxies. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const page = readFileSync(join(import.meta.dir, '../../../docs/deployment.md'), 'utf8')

/**
 * @param heading of the section
 * @param language of the fence
 * @throws unless the section has exactly one such block
 */
export function documented(heading: string, language: string): string {
  const section = page.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? ''
  const blocks = [...section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))]
  if (blocks.length !== 1) throw new Error(`docs/deployment.md has ${blocks.length} blocks for ${language} below "${heading}"`)
  return blocks[0]![1]!
}
