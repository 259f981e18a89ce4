/** The manifests for Kubernetes in docs/docker.md, against the server, its images and what `reverb:install` writes for other process managers. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRoute } from '../../src/http/routes.ts'
import { outcome } from '../support/child-process.ts'
import { root } from '../support/deployed-app.ts'
import { decode } from '../support/documents.ts'
import { cannotRun } from '../support/requirements.ts'
import { TestServer } from '../support/server.ts'
import { documented } from './blocks/documented.ts'

setDefaultTimeout(180_000)

type Probe = { httpGet: { path: string; port: string; scheme?: string }; periodSeconds: number; timeoutSeconds: number }
type Container = {
  name: string
  image: string
  command?: string[]
  args?: string[]
  ports: { name: string; containerPort: number }[]
  startupProbe: Probe & { failureThreshold: number }
  livenessProbe: Probe & { failureThreshold: number }
  readinessProbe: Probe
  lifecycle: { preStop: { sleep: { seconds: number } } }
  resources: { limits: Record<string, string> }
  securityContext: Record<string, unknown>
  volumeMounts: { name: string; mountPath: string; subPath?: string }[]
}
type Pod = {
  terminationGracePeriodSeconds: number
  enableServiceLinks: boolean
  securityContext: { runAsNonRoot: boolean; runAsUser: number; runAsGroup: number; fsGroup: number }
  containers: Container[]
  volumes: { name: string; secret?: { secretName: string; defaultMode: number } }[]
}
type Strategy = { rollingUpdate: { maxSurge: number; maxUnavailable: number } }
type Labels = { matchLabels: Record<string, string> }
type Port = { name?: string; port: number; targetPort?: string }
type Manifest = { apiVersion: string; kind: string; metadata: { name: string } }
type Deployment = Manifest & {
  spec: {
    replicas: number
    selector: Labels
    strategy: Strategy
    template: { metadata: { labels: Labels['matchLabels'] }; spec: Pod }
  }
}
type Service = Manifest & { spec: { selector: Labels['matchLabels']; ports: Port[] } }
type Budget = Manifest & { spec: { maxUnavailable: number; selector: Labels } }
type Match = { path: { type: string; value: string } }
type Route = Manifest & { spec: { rules: { matches: Match[]; backendRefs: { name: string; port: number }[] }[] } }
type Policy = Manifest & { spec: { podSelector: Labels; ingress: { ports: Port[] }[] } }

const yaml = {
  server: documented('docker', 'Deploy the server', 'yaml'),
  routes: documented('docker', 'Route traffic to it', 'yaml'),
  withPhp: documented('docker', 'With PHP', 'yaml'),
}
const [deployment, service, budget] = Bun.YAML.parse(yaml.server) as [Deployment, Service, Budget]
const [route, policy] = Bun.YAML.parse(yaml.routes) as [Route, Policy]
const patch = Bun.YAML.parse(yaml.withPhp) as { spec: { template: { spec: Pod } } }
const pod = deployment.spec.template.spec
const container = pod.containers[0]!
const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe]

/** A server with the defaults. */
const config = decode({})
const page = text('docs/docker.md')
const dockerfiles = { bare: text('stubs/docker/Dockerfile'), php: text('stubs/docker-php/Dockerfile') }

/** The first minor version of Kubernetes that takes the manifests as they are. */
const least = Number(/The `sleep` action needs Kubernetes 1\.(\d+)\./.exec(page)![1])

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The reason to skip a test that needs kubectl with the types of these manifests. */
function withoutKubectl(): string | false {
  if (Bun.which('kubectl') === null) return 'there is no kubectl'
  const { stdout } = Bun.spawnSync(['kubectl', 'version', '--client', '--output', 'json'])
  return tooOld(JSON.parse(stdout.toString()).clientVersion.gitVersion)
}

/** @param version of kubectl, such as `v1.30.1` with anything after it */
function tooOld(version: string): string | false {
  const [, minor] = /^v1\.(\d+)\./.exec(version) ?? []
  return Number(minor) >= least ? false : `kubectl is ${version}, and these manifests need 1.${least}`
}

/** What a Dockerfile has in JSON after an instruction. */
function instruction(dockerfile: string, name: string): string[] {
  return JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(dockerfile)![1]!)
}

/** A constant of a PHP class. */
function constant(file: string, name: string): number {
  return Number(new RegExp(`const ${name} = ([\\d.]+);`).exec(text(file))![1])
}

describe('the manifests', () => {
  test('are those that the page describes', () => {
    const kinds = [deployment, service, budget, route, policy].map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    expect(kinds).toEqual([
      'apps/v1 Deployment',
      'v1 Service',
      'policy/v1 PodDisruptionBudget',
      'gateway.networking.k8s.io/v1 HTTPRoute',
      'networking.k8s.io/v1 NetworkPolicy',
    ])
  })

  test('name the same pods', () => {
    const labels = deployment.spec.template.metadata.labels
    const { selector } = deployment.spec
    for (const chosen of [
      selector.matchLabels,
      service.spec.selector,
      budget.spec.selector.matchLabels,
      policy.spec.podSelector.matchLabels,
    ])
      expect(chosen).toEqual(labels)
  })

  test('name the port on which the server listens', () => {
    const [port] = container.ports
    expect(port!.containerPort).toBe(config.port)
    expect(service.spec.ports).toEqual([{ name: port!.name, port: config.port, targetPort: port!.name }])
    expect(policy.spec.ingress.flatMap(({ ports }) => ports)).toEqual([{ port: config.port }])
    expect(route.spec.rules.flatMap(({ backendRefs }) => backendRefs)).toEqual([
      { name: service.metadata.name, port: config.port },
    ])
    for (const { httpGet } of probes) expect(httpGet.port).toBe(port!.name)
  })

  test('keep every pod in service until another one is ready', () => {
    expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
    expect(deployment.spec.replicas).toBeGreaterThan(budget.spec.maxUnavailable)
  })

  test.skipIf(cannotRun('the types of the Deployment', withoutKubectl()))('have only fields that Kubernetes knows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'revurb-kubernetes-'))
    try {
      const file = join(folder, 'deployment.json')
      const before = `${container.image}-before`
      writeFileSync(file, JSON.stringify(deployment).replace(container.image, before))
      // It reads the file as a Deployment of its own version, and leaves out what that does not have.
      const image = `${container.name}=${container.image}`
      const { code, output } = await outcome([
        'kubectl',
        'set',
        'image',
        '--local',
        '--filename',
        file,
        '--output',
        'json',
        image,
      ])
      expect({ code, output }).toMatchObject({ code: 0 })
      expect(JSON.parse(output)).toMatchObject(deployment)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('kubectl', () => {
  test.each(['v1.30.0', 'v1.32.4-dispatcher'])('knows the manifests: %s', version => {
    expect(tooOld(version)).toBe(false)
  })

  test.each(['v1.20.5+really1.20.2-1', 'v1.29.15', 'v0.0.0-master+$Format:%H$'])('is too old for the manifests: %s', version => {
    expect(tooOld(version)).toBe(`kubectl is ${version}, and these manifests need 1.30`)
  })
})

describe('the probes', () => {
  test('ask for what the server answers without a signature', () => {
    const names = probes.map(({ httpGet }) => findRoute('GET', httpGet.path).name)
    expect(names).toEqual(['health', 'health', 'ready'])
    for (const { httpGet } of probes) expect(httpGet.scheme).toBe(config.tls === null ? undefined : 'HTTPS')
  })

  test('find a server up, also one that is degraded, which stays in the Service', async () => {
    await using server = new TestServer()
    const answers = async () => {
      const found = probes.map(({ httpGet }) => fetch(`http://127.0.0.1:${server.port}${httpGet.path}`))
      return Promise.all((await Promise.all(found)).map(async answer => `${answer.status} ${await answer.text()}`))
    }
    const ok = '200 {"health":"OK"}'
    expect(await answers()).toEqual([ok, ok, ok])

    await server.running.membership.join({
      key: 'key',
      handOver: undefined,
      connect: async () => ({ send: () => {}, close: async () => {} }),
      onConnection: () => {},
      onPace: () => {},
      onLoss: () => {},
    })
    const degraded = '200 {"health":"degraded"}'
    expect(await answers()).toEqual([ok, ok, degraded])
    for (const answer of [ok, degraded]) expect(page).toContain(answer.replace(/(\d+) (.*)/, '$1 with `$2`'))
  })

  test('wait longer than a server takes to answer, and for its start', () => {
    for (const { periodSeconds, timeoutSeconds } of probes) {
      // Over Redis a new server answers once it has the state of the others: after 1.3 seconds at most.
      expect(timeoutSeconds).toBeGreaterThan(2)
      expect(periodSeconds).toBeGreaterThan(0)
    }
    for (const { periodSeconds, failureThreshold } of [container.startupProbe, container.livenessProbe])
      expect(periodSeconds * failureThreshold).toBe(60)
  })
})

describe('the seconds of a stop', () => {
  const preStop = container.lifecycle.preStop.sleep.seconds
  const margin = constant('php-bridge/Stubs/AppValues.php', 'STOP_MARGIN')

  test('are those of preStop and of the drain, with the margin of the other process managers', () => {
    expect(pod.terminationGracePeriodSeconds).toBe(preStop + config.drainSeconds + margin)
    expect(yaml.server).toContain(
      `# ${preStop} seconds of preStop, ${config.drainSeconds} of drain_seconds, and ${margin} in reserve.`,
    )
    expect(page).toContain(`\`terminationGracePeriodSeconds\` = \`preStop\` + \`drain_seconds\` + ${margin}`)
  })

  test('are more than artisan gives a server that does not stop', () => {
    expect(margin).toBeGreaterThan(constant('php-bridge/Restart/DrainingServer.php', 'GRACE_SECONDS'))
  })
})

describe('the container without PHP', () => {
  test('has the document where the image reads it', () => {
    const [mount] = container.volumeMounts.filter(({ name }) => name === 'document')
    const command = instruction(dockerfiles.bare, 'CMD')
    expect(command).toEqual(['start', '--config', mount!.mountPath])
    expect([container.command, container.args]).toEqual([undefined, undefined])
    expect(page).toContain(`--from-file=${mount!.subPath} `)
  })

  test('can read the document, which no other user can', () => {
    const [volume] = pod.volumes.filter(({ name }) => name === 'document')
    const { secretName, defaultMode } = volume!.secret!
    expect(defaultMode.toString(8)).toBe('440')
    expect(page).toContain(`kubectl create secret generic ${secretName} `)
    const { securityContext } = pod
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, runAsGroup: securityContext.fsGroup })
    // Kubernetes cannot tell whether a user that has only a name is root.
    expect(dockerfiles.bare).toMatch(/^USER bun$/m)
  })

  test('has no permission that the Compose file does not give', () => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain('/tmp')
    expect(Object.keys(container.resources.limits)).toEqual(['memory'])
  })
})

test('the container with PHP runs the command of its image, as the user of its image', () => {
  const { containers, securityContext, volumes } = patch.spec.template.spec
  expect(containers[0]!.command).toEqual(instruction(dockerfiles.php, 'CMD'))
  expect(containers[0]!).toMatchObject({ name: 'revurb' })
  expect(dockerfiles.php).toMatch(/^USER www-data$/m)
  expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 33, runAsGroup: 33, fsGroup: 33 })
  const mounted = containers[0]!.volumeMounts.map(({ name }) => name)
  expect(volumes.map(({ name }) => name)).toEqual(mounted)
})

describe('the route', () => {
  const prefixes = route.spec.rules.flatMap(({ matches }) => matches.map(({ path }) => path))

  /** As the Gateway API compares: by whole parts of a path. */
  const isRouted = (path: string) => prefixes.some(({ value }) => path === value || path.startsWith(`${value}/`))

  test('passes on what clients ask for, and nothing else', () => {
    for (const { type } of prefixes) expect(type).toBe('PathPrefix')
    expect(findRoute('GET', '/app/key').name).toBe('socket')
    expect(['/app/key', '/apps/1001/events', '/up', '/ready'].filter(isRouted)).toEqual(['/app/key'])
  })
})

describe('the variables that Kubernetes makes of the name of a Service', () => {
  const known = new Set([...text('php-bridge/config/reverb.php').matchAll(/env\('(\w+)'/g)].map(([, name]) => name!))

  /** https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
  const made = (name: string) => {
    const prefix = name.toUpperCase().replaceAll('-', '_')
    return ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT', 'PORT_8080_TCP_PORT', 'PORT_8080_TCP_ADDR'].map(
      variable => `${prefix}_${variable}`,
    )
  }

  test('are none of ours for the name in the manifest', () => {
    expect(made(service.metadata.name).filter(name => known.has(name))).toEqual([])
    expect(pod.enableServiceLinks).toBe(false)
  })

  test.each(['reverb', 'reverb-server'])('are one of ours for the name %s, of which the page warns', name => {
    expect(made(name).filter(variable => known.has(variable))).toHaveLength(1)
    expect(/Do not name a Service (.*?)\. /.exec(page)![1]).toContain(`\`${name}\``)
  })
})
