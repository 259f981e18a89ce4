/** What the package has beside the files of the repository. */
import { version } from '../../../package.json'
import { bundle } from './bundle.ts'
import { licenceTexts } from './licences.ts'
import { billOfMaterials } from './sbom.ts'

export type Built = { readonly name: string; readonly content: Uint8Array; readonly isExecutable: boolean }

const script = 'dist/revurb.js'

/** The files of dist/. Needs the root of the repository as the current directory. */
export async function distribution(): Promise<Built[]> {
  const bundled = await bundle()
  return [
    { name: 'revurb.js', content: bundled.script, isExecutable: true },
    text('LICENSES.txt', licenceTexts(script, bundled.packages)),
    text('revurb.cdx.json', billOfMaterials(bundled, { version, script, bun: Bun.version })),
  ]
}

function text(name: string, content: string): Built {
  return { name, content: new TextEncoder().encode(content), isExecutable: false }
}
