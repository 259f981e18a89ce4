/** Manifests of Kubernetes, validated against its schemas and its types. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Service } from 'kubernetes-models/v1/Service'
import { outcome } from '../../support/child-process.ts'
import { root } from '../../support/deployed-app.ts'

export type Manifest = { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string } }

/** The schema of each kind, and the module that has its type. */
const kinds: Readonly<Record<string, { of: new (manifest: never) => { validate(): void }; module: string }>> = {
  'apps/v1 Deployment': { of: Deployment, module: 'kubernetes-models/apps/v1/Deployment' },
  'v1 Service': { of: Service, module: 'kubernetes-models/v1/Service' },
  'policy/v1 PodDisruptionBudget': { of: PodDisruptionBudget, module: 'kubernetes-models/policy/v1/PodDisruptionBudget' },
  'networking.k8s.io/v1 Ingress': { of: Ingress, module: 'kubernetes-models/networking.k8s.io/v1/Ingress' },
  'networking.k8s.io/v1 NetworkPolicy': { of: NetworkPolicy, module: 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy' },
  'gateway.networking.k8s.io/v1 HTTPRoute': {
    of: HTTPRoute,
    module: '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute',
  },
}

/**
 * Returns every fault of the manifests. Their schemas say what must be there and of which type and form it is; they accept fields that
 * nobody knows, which the compiler finds, because a literal may have only those of its type.
 */
export async function faultsOf(manifests: readonly Manifest[]): Promise<string[]> {
  return [...manifests.flatMap(bySchema), ...(await byType(manifests))]
}

function kindOf({ apiVersion, kind }: Manifest): (typeof kinds)[string] {
  const known = kinds[`${apiVersion} ${kind}`]
  if (known === undefined) throw new Error(`${apiVersion} ${kind} is not one of the kinds here.`)
  return known
}

function bySchema(manifest: Manifest): string[] {
  try {
    ;new (kindOf(manifest).of)(manifest as never).validate()
    return []
  } catch (error) {
    return [`${manifest.kind}: ${(error as Error).message}`]
  }
}

async function byType(manifests: readonly Manifest[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'revurb-kubernetes-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const lines = manifests.flatMap((manifest, i) => {
      const type = `import('${kindOf(manifest).module}').I${manifest.kind}`
      return `export const manifest${i}: ${type} = ${JSON.stringify(manifest)}`
    })
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'))
    const options = '--noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target esnext --pretty false'
    const compiler = join(root, 'node_modules/.bin/tsc')
    const { code, output } = await outcome([compiler, ...options.split(' '), 'manifests.ts'], { cwd: folder })
    return code === 0 ? [] : output.trim().split('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
