/**
 * The software bill of materials of the bundle, in CycloneDX 1.6. The same bundle has the same document: it has no time, and its
 * number comes from the script.
 */
import { createHash } from 'node:crypto'
import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library'
import { dependencies } from '../../../package.json'
import type { Bundle, Bundled } from './bundle.ts'

export type Product = { readonly version: string; readonly script: string; readonly bun: string }

/** @param product the version of Revurb, the path of the script within the package, and the version of Bun that has bundled it */
export function billOfMaterials({ script, packages }: Bundle, product: Product): string {
  const sha512 = createHash('sha512').update(script).digest('hex')
  const components = new Map(packages.map(bundled => [bundled.folder, component(bundled)]))
  for (const { folder, requires } of packages)
    for (const required of requires) components.get(folder)!.dependencies.add(components.get(required)!.bomRef)

  const direct = Object.keys(dependencies).flatMap(name => components.get(`node_modules/${name}`) ?? [])

  const bom = new Models.Bom({
    serialNumber: serialNumber(sha512),
    components: new Models.ComponentRepository(components.values()),
    metadata: new Models.Metadata({
      lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.Build]),
      tools: new Models.Tools({ components: new Models.ComponentRepository([bundler(product.bun)]) }),
      component: revurb(product, sha512, direct),
    }),
  })
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}

function revurb({ version, script }: Product, sha512: string, components: readonly Models.Component[]): Models.Component {
  const purl = `pkg:composer/revurb/revurb@${version}`
  const file = new Models.Component(Enums.ComponentType.File, script, {
    bomRef: script,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], sha512]]),
  })
  return new Models.Component(Enums.ComponentType.Application, 'revurb', {
    bomRef: purl,
    group: 'revurb',
    version,
    purl,
    licenses: licences('MIT'),
    components: new Models.ComponentRepository([file]),
    dependencies: new Models.BomRefRepository(components.map(({ bomRef }) => bomRef)),
  })
}

function component({ name, version, licence, sha512 }: Bundled): Models.Component {
  const [, group, short] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name)!
  const purl = `pkg:npm/${group === undefined ? '' : `${encodeURIComponent(group)}/`}${short}@${version}`
  return new Models.Component(Enums.ComponentType.Library, short!, {
    bomRef: purl,
    ...(group !== undefined && { group }),
    version,
    purl,
    licenses: licences(licence),
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], sha512]]),
  })
}

/** It has bundled the script, and the tests have run with it. */
function bundler(version: string): Models.Component {
  return new Models.Component(Enums.ComponentType.Application, 'bun', {
    bomRef: `pkg:npm/bun@${version}`,
    version,
    purl: `pkg:npm/bun@${version}`,
    licenses: licences('MIT'),
  })
}

function licences(expression: string): Models.LicenseRepository {
  const id = SPDX.fixupSpdxId(expression)
  return new Models.LicenseRepository([id === undefined ? new Models.LicenseExpression(expression) : new Models.SpdxLicense(id)])
}

/** A UUID of version 8, whose other bits are the document's own (RFC 9562, 5.8). */
function serialNumber(sha512: string): string {
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(sha512)!
  return `urn:uuid:${a}-${b}-8${c}-8${d}-${e}`
}
