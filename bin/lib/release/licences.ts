/** The licence texts of the packages in the bundle. MIT, Apache-2.0 and their like require that whoever passes on the code passes them on. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Bundled } from './bundle.ts'

const text = /^(?:licen[cs]e|copying|notice|third-party-licen[cs]es)(?:[.-].*)?$/i
const code = /\.[cm]?[jt]s$/
const own = /^(?:licen[cs]e|copying)[^/]*$/i
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
    if (!texts.some(({ file }) => own.test(file)))
      throw new Error(
        `${name} ${version} (${licence}) is in ${script}, and has no file with its licence, without which it must not be passed on`,
      )
    return [`${name} ${version} (${licence})`, ...texts.map(({ content }) => content)].join('\n\n')
  })
  return `${[`${script} contains these packages. Their licences:`, ...sections].join(`\n\n${line}\n`)}\n`
}

/** Those of the package first, and then those in its folders, where a package has the licences of what it has bundled itself. */
function textsOf(folder: string): { file: string; content: string }[] {
  const files = [...new Bun.Glob('**/*').scanSync(folder)].filter(
    file => text.test(basename(file)) && !code.test(file) && !file.startsWith('node_modules/'),
  )
  const depth = (file: string) => file.split('/').length
  files.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  return files.map(file => ({ file, content: readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim() }))
}
