import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vitepress'

/** Builds docs/ into a folder. @param base the path below which a web server has it */
export async function buildSite(folder: string, base: string): Promise<void> {
  await build(join(import.meta.dir, '..'), { base, outDir: folder })
  const mermaid = dirname(fileURLToPath(import.meta.resolve('mermaid')))
  copyModules(mermaid, ['mermaid.esm.min.mjs'], join(folder, 'assets/mermaid'))
  const chunks = 'chunks/mermaid.esm.min'
  copyModules(join(mermaid, chunks), readdirSync(join(mermaid, chunks)), join(folder, 'assets/mermaid', chunks))
}

/**
 * Copies modules as their package has them bundled, in parts that a browser loads as it needs them: bundling them again would double the
 * time. They become `.js`, because nginx has no media type for `.mjs`, and a browser refuses a module without the one of JavaScript.
 */
function copyModules(from: string, files: readonly string[], to: string): void {
  mkdirSync(to, { recursive: true })
  for (const file of files.filter(name => name.endsWith('.mjs'))) {
    const text = readFileSync(join(from, file), 'utf8').replaceAll(/\.mjs(?=["'])/g, '.js')
    writeFileSync(join(to, file.replace(/\.mjs$/, '.js')), text)
  }
}
