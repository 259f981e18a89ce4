/** The licence texts of the packages in the bundle. MIT, Apache-2.0 and their like require that whoever passes on the code passes them on. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bundled } from './bundle.ts'

const text = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i
const line = '-'.repeat(80)

/**
 * Throws where a package has no text.
 *
 * @param script the name of the file that has the packages
 * @param root the folder that has node_modules
 */
export function licenceTexts(script: string, packages: readonly Bundled[], root = '.'): string {
  const sections = packages.map(({ folder, name, version, licence }) => {
    const texts = textsOf(join(root, folder))
    if (!texts.some(({ file }) => !/^notice/i.test(file)))
      throw new Error(
        `${name} ${version} (${licence}) is in ${script}, and has no file with its licence, without which it must not be passed on`,
      )
    return [`${name} ${version} (${licence})`, ...texts.map(({ content }) => content)].join('\n\n')
  })
  return `${[`${script} contains these packages. Their licences:`, ...sections].join(`\n\n${line}\n`)}\n`
}

function textsOf(folder: string): { file: string; content: string }[] {
  const files = readdirSync(folder)
    .filter(file => text.test(file))
    .sort()
  return files.map(file => ({ file, content: readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim() }))
}
