/** What `reverb:install --stubs=kubernetes` writes, and the blocks of docs/docker.md, against Kubernetes, the server and its images. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeDocument } from '../../src/config/bridge.ts'
import { findRoute } from '../../src/http/routes.ts'
import { DeployedApp, root } from '../support/deployed-app.ts'
import { TestServer } from '../support/server.ts'
import { documented } from './blocks/documented.ts'
import { faultsOf, type Manifest } from './support/kubernetes.ts'

setDefaultTimeout(180_000)

type Probe = { httpGet: { path: string; port: string; scheme?: string }; periodSeconds: number; timeoutSeconds: number }
type Container = {
  name: string
  image: string
  command?: string[]
  args?: string[]
  ports: { name: string; containerPort: number }[]
  env?: { name: string; value: string }[]
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
  topologySpreadConstraints: object[]
  securityContext: { runAsNonRoot: boolean; runAsUser: number; runAsGroup: number; fsGroup: number }
  containers: Container[]
  volumes: { name: string; secret?: { secretName: string; defaultMode: number } }[]
}
type Strategy = { rollingUpdate: { maxSurge: number; maxUnavailable: number } }
type Labels = { matchLabels: Record<string, string> }
type Port = { name?: string; port: number; targetPort?: string }
type Deployment = Manifest & {
  spec: {
    replicas: number
    minReadySeconds: number
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
type Backend = { service: { name: string; port: { name: string } } }
type Ingress = Manifest & {
  metadata: { annotations: Record<string, string> }
  spec: { rules: { http: { paths: { path: string; pathType: string; backend: Backend }[] } }[] }
}

/** An application with a port, a prefix and drain_seconds of its own: what it writes, and the settings of its server. */
async function written() {
  await using app = await DeployedApp.make({ path: '/ws', environment: { REVURB_DRAIN_SECONDS: '25' } })
  await app.install('kubernetes')
  const { config } = decodeDocument(await app.artisan('reverb:config', '--show-secrets'))
  return { config, server: app.text('kubernetes/revurb.yaml'), routes: app.text('kubernetes/route.yaml') }
}

const { config, ...yaml } = await written()
const [deployment, service, budget] = Bun.YAML.parse(yaml.server) as [Deployment, Service, Budget]
const [route, policy] = Bun.YAML.parse(yaml.routes) as [Route, Policy]
const ingress = Bun.YAML.parse(documented('docker', 'Route traffic to it', 'yaml')) as Ingress
const patch = Bun.YAML.parse(documented('docker', 'With PHP', 'yaml')) as { spec: { template: { spec: Pod } } }
const pod = deployment.spec.template.spec
const container = pod.containers[0]!
const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe]

const page = text('docs/docker.md')
const dockerfiles = { bare: text('stubs/docker/Dockerfile'), php: text('stubs/docker-php/Dockerfile') }

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8')
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
  test('are those of their kinds', () => {
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

  test('give an update time: a pod is ready for as long as clients take to reconnect before the next one stops', () => {
    expect(deployment.spec.minReadySeconds).toBeGreaterThanOrEqual(10)
  })

  test('spread the pods of a version over the nodes', () => {
    expect(pod.topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: deployment.spec.selector,
        matchLabelKeys: ['pod-template-hash'],
      },
    ])
  })

  test('are valid by the schemas of Kubernetes, and have only fields that it knows', async () => {
    expect(await faultsOf([deployment, service, budget, route, policy, ingress, withPhp()])).toEqual([])
  })

  test.each<[string, (changed: Deployment) => void, string]>([
    ['a number in quotes', ({ spec }) => Object.assign(spec, { replicas: '2' }), 'replicas'],
    ['a field that nobody knows', ({ spec }) => Object.assign(spec, { minReadySecond: 10 }), 'minReadySecond'],
    ['a field in the wrong place', ({ spec }) => Object.assign(spec.template, { lifecycle: {} }), 'lifecycle'],
    ['no selector', ({ spec }) => Reflect.deleteProperty(spec, 'selector'), 'selector'],
  ])('would not be valid with %s', async (_, change, field) => {
    const changed = structuredClone(deployment)
    change(changed)
    expect((await faultsOf([changed])).join('\n')).toContain(field)
  })

  test('need the version of Kubernetes that the page and their own comment name, for the action sleep', () => {
    expect(container.lifecycle.preStop.sleep.seconds).toBeGreaterThan(0)
    for (const text of [page, yaml.server]) expect(text).toMatch(/Kubernetes 1\.30\b/)
  })
})

describe('the probes', () => {
  test('ask for what the server answers without a signature', () => {
    const paths = probes.map(({ httpGet }) => httpGet.path)
    for (const path of paths) expect(path).toStartWith(`${config.path}/`)
    const names = paths.map(path => findRoute('GET', path.slice(config.path.length)).name)
    expect(names).toEqual(['health', 'health', 'ready'])
    expect(config.tls).toBeNull()
    for (const { httpGet } of probes) expect(httpGet.scheme).toBe('HTTP')
  })

  test('find a server up, also one that is degraded, which stays in the Service', async () => {
    await using server = new TestServer({ path: config.path })
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

  test('can be replaced by the health check of the image, which shows a certificate', () => {
    const [, command] = /^HEALTHCHECK .*\n +CMD (\[.*\])$/m.exec(dockerfiles.bare)!
    expect(Bun.YAML.parse(documented('docker', 'What the probes mean', 'yaml'))).toEqual({
      exec: { command: JSON.parse(command!) },
    })
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
    expect(container).not.toContainAnyKeys(['command', 'args'])
    expect(page).toContain(`--from-file=${mount!.subPath} `)
  })

  test('can read the document, which no other user can', () => {
    const [volume] = pod.volumes.filter(({ name }) => name === 'document')
    const { secretName, defaultMode } = volume!.secret!
    expect(defaultMode.toString(8)).toBe('440')
    expect(page).toContain(`kubectl create secret generic ${secretName} `)
    const { securityContext } = pod
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65_532, runAsGroup: securityContext.fsGroup })
    expect(dockerfiles.bare).toMatch(new RegExp(`^USER ${securityContext.runAsUser}:${securityContext.runAsGroup}$`, 'm'))
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
  const mounts = containers[0]!.volumeMounts
  expect([...new Set(mounts.map(({ name }) => name))]).toEqual(volumes.map(({ name }) => name))
  // Every folder has a part of the volume for itself.
  expect(new Set(mounts.map(({ subPath }) => subPath)).size).toBe(mounts.length)
  const compose = Bun.YAML.parse(text('stubs/docker-php/compose.yaml').replaceAll(/\{\{ \w+ \}\}/g, '1')) as {
    services: { revurb: { tmpfs: string[]; environment: { LOG_CHANNEL: string } } }
  }
  const { tmpfs, environment } = compose.services.revurb
  expect(mounts.map(({ mountPath }) => mountPath)).toEqual(tmpfs.map(folder => folder.split(':')[0]!))
  expect(containers[0]!.env).toEqual([{ name: 'LOG_CHANNEL', value: environment.LOG_CHANNEL }])
})

/** The Deployment with the part of the page for an image with PHP. */
function withPhp(): Deployment {
  const { containers, ...changed } = patch.spec.template.spec
  const template = {
    ...deployment.spec.template,
    spec: { ...pod, ...changed, containers: [{ ...container, ...containers[0]! }] },
  }
  return { ...deployment, spec: { ...deployment.spec, template } }
}

describe('the route', () => {
  const prefixes = route.spec.rules.flatMap(({ matches }) => matches.map(({ path }) => path))

  /** As the Gateway API compares: by whole parts of a path. */
  const isRouted = (path: string) => prefixes.some(({ value }) => path === value || path.startsWith(`${value}/`))

  test('passes on what clients ask for, and nothing else', () => {
    for (const { type } of prefixes) expect(type).toBe('PathPrefix')
    expect(findRoute('GET', '/app/key').name).toBe('socket')
    const paths = ['/app/key', '/apps/1001/events', '/up', '/ready'].map(path => `${config.path}${path}`)
    expect([...paths, '/app/key'].filter(isRouted)).toEqual([`${config.path}/app/key`])
  })

  test('is also there as an Ingress, for a server without a prefix, whose timeout is longer than a client is silent', () => {
    const [{ path, pathType, backend }] = ingress.spec.rules[0]!.http.paths as [Ingress['spec']['rules'][0]['http']['paths'][0]]
    expect([path, pathType]).toEqual(['/app', 'Prefix'])
    expect(backend.service).toEqual({ name: service.metadata.name, port: { name: service.spec.ports[0]!.name! } })
    const timeouts = Object.entries(ingress.metadata.annotations).filter(([name]) => name.endsWith('-timeout'))
    expect(timeouts.map(([, seconds]) => Number(seconds))).toEqual([150, 150])
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
