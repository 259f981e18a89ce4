/**
 * What `reverb:install --stubs=docker,docker-php` writes, built and run. Nothing is pulled: the base images are stand-ins with
 * this machine's Bun and PHP.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../support/child-process.ts'
import { Client } from '../support/client.ts'
import { DeployedApp, root } from '../support/deployed-app.ts'
import { Docker, withoutCompose, withoutDocker } from '../support/docker.ts'
import { cannotRun, missingProgram } from '../support/requirements.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(180_000)

const bun = realpathSync(process.execPath)
/** Files that applications have, and that are no part of their code. */
const secrets = [
  '.env.production',
  '.npmrc',
  'auth.json',
  'bootstrap/cache/config.php',
  'bootstrap/cache/packages.php',
  'compose.override.yaml',
  'database/database.sqlite',
  'database/database.sqlite-wal',
  'docker-compose.yml',
  'dump.sql.gz',
  'server.key',
  'server.pem',
  'storage/app/private/upload.pdf',
  'storage/debugbar/request.json',
  'storage/framework/cache/data/ab/cd',
  'storage/framework/sessions/abcd',
  'storage/framework/views/compiled.php',
  'storage/logs/laravel.log',
  'storage/oauth-private.key',
  'storage/oauth-public.key',
  'storage/revurb/bun-1.4.5-linux-x64',
]

/** Files that look like those, and are. */
const code = ['config/auth.json', 'database/schema/mysql-schema.sql', 'vendor/some/package/cacert.pem']

const page = readFileSync(join(root, 'docs/docker.md'), 'utf8')

/** What the Compose files take away from the containers, and a health check that needs less time than that of the images. */
const locked = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true']
locked.push('--health-interval=1s', '--health-retries=1')

const users = 'root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n'

describe.skipIf(cannotRun('the containers', withoutDocker))('in containers', () => {
  let app: DeployedApp
  let docker: Docker

  beforeAll(async () => {
    app = await DeployedApp.make({
      environment: { REVURB_BUN: '', CACHE_FOLDER: '/app/storage/framework/cache', SECRET_OF_ENV: 'never-in-an-image' },
    })
    await app.install('docker', 'docker-php')
    docker = await Docker.started(join(app.scratch, 'docker'))
    // No shell, as in the images that they stand for.
    for (const image of [base('docker', /^ARG BUN_IMAGE=(\S+)$/m), base('docker-php', /^COPY --from=(oven\/\S+) /m)])
      await docker.standIn(image, { [bun]: '/usr/local/bin/bun' }, { 'etc/passwd': users })
    await docker.run(['network', 'create', 'front'])
  })

  afterAll(async () => {
    await docker?.stop()
    await app?.[Symbol.asyncDispose]()
  })

  /** The image that the Dockerfile of a stub names there. */
  const base = (stub: string, name: RegExp): string => name.exec(app.text(`${stub}/Dockerfile`))![1]!

  const hasHealth = (container: string, status: string) =>
    holdsFor(container, async () => (await docker.inspect(container, '{{.State.Health.Status}}')) === status)

  /** What each health check so far has printed. */
  const printed = async (container: string): Promise<string[]> =>
    JSON.parse(await docker.inspect(container, '{{json .State.Health.Log}}')).map(({ Output }: { Output: string }) => Output)

  async function holdsFor(container: string, holds: () => Promise<boolean>): Promise<void> {
    try {
      await until(`${container} is there`, holds)
    } catch (error) {
      throw new Error((await docker.outcome(['logs', container])).output, { cause: error })
    }
  }

  describe('the image without PHP', () => {
    beforeAll(async () => {
      // The commands of the heads of both files.
      await docker.run('build --tag revurb --file deploy/revurb/docker/Dockerfile vendor/revurb/revurb/dist'.split(' '), {
        cwd: app.folder,
      })
      const document = await app.artisanWith({ REVERB_SERVER_HOST: '0.0.0.0' }, 'reverb:config', '--show-secrets')
      const file = join(app.folder, 'storage/app/revurb.json')
      writeFileSync(file, document, { mode: 0o600 })
      await run(['chown', app.user, file])
    })

    test('contains the server, no secret, and does not run as root', async () => {
      const config = JSON.parse(await docker.inspect('revurb', '{{json .Config}}'))
      const program = ['/usr/local/bin/bun', '--no-env-file', '/srv/revurb.js']
      expect(config).toMatchObject({ User: '65532:65532', StopSignal: 'SIGTERM', Entrypoint: program })
      const listed = 'console.log(require("fs").readdirSync("."), require("fs").statSync("revurb.js").mode.toString(8))'
      const options = ['--rm', '--network=none', '--entrypoint=/usr/local/bin/bun']
      expect(await docker.run(['run', ...options, 'revurb', '-e', listed])).toBe('[ "revurb.js" ] 100444\n')
    })

    test('runs read-only as its own user, with the document of its group, as in Kubernetes', async () => {
      const file = join(app.folder, 'storage/app/of-group.json')
      cpSync(join(app.folder, 'storage/app/revurb.json'), file)
      await run(['chown', 'root:65532', file])
      chmodSync(file, 0o440)
      await docker.run(['run', '--detach', '--name', 'own', ...locked, '--volume', `${file}:/run/revurb.json:ro`, 'revurb'])
      await hasHealth('own', 'healthy')
      expect(
        await docker.run(['exec', 'own', '/usr/local/bin/bun', '-e', 'console.log(process.getuid(), process.getgid())']),
      ).toBe('65532 65532\n')
      // The preStop of docs/docker.md for a Kubernetes without the sleep action.
      expect(page).toContain("[/usr/local/bin/bun, --no-env-file, -e, 'await Bun.sleep(5000)'] }")
      await docker.run(['exec', 'own', '/usr/local/bin/bun', '--no-env-file', '-e', 'await Bun.sleep(5)'])
      await docker.run(['stop', '--time', '20', 'own'])
      expect(await docker.inspect('own', '{{.State.ExitCode}}')).toBe('0')
    })

    test('serves as process 1, is healthy while it answers, and closes the sockets when it is stopped', async () => {
      const document = `${join(app.folder, 'storage/app/revurb.json')}:/run/revurb.json:ro`
      const publish = ['--network', 'front', '--publish', `127.0.0.1:${app.port}:${app.port}`]
      const options = ['--user', '33:33', ...locked, ...publish, '--volume', document]
      await docker.run(['run', '--detach', '--name', 'bare', ...options, 'revurb'])
      await hasHealth('bare', 'healthy')
      expect(await printed('bare')).toContain('')
      expect(await processOne('bare')).toContain('revurb.js start --config /run/revurb.json')

      const client = await Client.connected(app.port)
      await client.subscribe('room')
      await app.artisan('say', 'hello')
      expect(await client.next()).toMatchObject({ channel: 'room', data: '{"text":"hello"}' })

      const pid = Number(await docker.inspect('bare', '{{.State.Pid}}'))
      process.kill(pid, 'SIGSTOP')
      try {
        await hasHealth('bare', 'unhealthy')
        expect(await printed('bare')).toContain(`http://127.0.0.1:${app.port}/up does not answer within 5 seconds.\n`)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
      await hasHealth('bare', 'healthy')

      await docker.run(['stop', '--time', '20', 'bare'])
      expect((await client.closed).code).toBe(1001)
      expect(await docker.inspect('bare', '{{.State.ExitCode}}')).toBe('0')
    })

    test.skipIf(cannotRun('the Compose service without PHP', withoutCompose))('the Compose service', async () => {
      await usingCompose('deploy/revurb/docker/compose.yaml', async container => {
        expect(await docker.inspect(container, '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.Config.StopTimeout}}')).toBe(
          '33:33 true 21',
        )
      })
    })

    const withoutRedis = withoutCompose || missingProgram('redis-server', 'redis-server')

    test.skipIf(cannotRun('several Compose services over Redis', withoutRedis))(
      'several Compose services over Redis',
      async () => {
        const redis = realpathSync('/usr/bin/redis-server')
        await docker.standIn('redis', { [redis]: '/redis-server' }, { 'etc/passwd': users })
        const command = ['/redis-server', '--protected-mode', 'no', '--save', '']
        await docker.run(['run', '--detach', '--name', 'redis', '--network', 'front', 'redis', ...command])
        const address = await docker.inspect('redis', '{{.NetworkSettings.Networks.front.IPAddress}}')
        const scaling = { REVERB_SERVER_HOST: '0.0.0.0', REVERB_SCALING_ENABLED: 'true', REDIS_HOST: address }
        writeFileSync(
          join(app.folder, 'storage/app/revurb.json'),
          await app.artisanWith(scaling, 'reverb:config', '--show-secrets'),
        )
        // They reach Redis by the network of the other containers.
        const networks = { default: { external: true, name: 'front' } }
        writeFileSync(
          join(app.folder, 'here.yaml'),
          JSON.stringify({ services: { revurb: { ulimits: { nofile: hardLimit() } } }, networks }),
        )
        const files = ['--file', 'deploy/revurb/docker/compose.yaml', '--file', 'here.yaml']
        const compose = ['--project-name', 'scaled', '--project-directory', '.', ...files]
        const where = { cwd: app.folder, env: { REVURB_PORTS: `${app.port}-${app.port + 9}` } }
        try {
          await docker.compose([...compose, 'up', '--detach', '--scale', 'revurb=2'], where)
          const containers = (await docker.compose([...compose, 'ps', '-q', 'revurb'], where)).trim().split('\n')
          const ports = await Promise.all(containers.map(publishedPort))
          expect(new Set(ports).size).toBe(2)
          for (const [i, port] of ports.entries())
            await holdsFor(containers[i]!, async () => (await answer(`http://127.0.0.1:${port}/ready`)) === '{"health":"OK"}')
          const clients = await Promise.all(ports.map(port => Client.connected(port)))
          for (const client of clients) await client.subscribe('room')
          await app.artisanWith({ REVERB_PORT: String(ports[0]) }, 'say', 'hello')
          for (const client of clients) expect(await client.next()).toMatchObject({ channel: 'room', data: '{"text":"hello"}' })
          for (const client of clients) client.close()
        } finally {
          await docker.compose([...compose, 'down'], where)
        }
      },
    )
  })

  describe.skipIf(cannotRun('the container with PHP', !existsSync('/usr/bin/php') && 'there is no /usr/bin/php'))(
    'with PHP',
    () => {
      beforeAll(async () => {
        await importPhp()
        await importComposer()
        // An application brings its packages along; here they lay beside it.
        cpSync(join(app.scratch, 'packages'), join(app.folder, 'packages'), {
          recursive: true,
          filter: file => file !== join(app.scratch, 'packages/bun'),
        })
        writeFileSync(
          join(app.folder, 'vendor/autoload.php'),
          `<?php return require __DIR__.'/../packages/vendor/autoload.php';\n`,
        )
        const planted = [...secrets, ...code].map(file => join(app.folder, file))
        for (const file of planted) {
          mkdirSync(dirname(file), { recursive: true })
          writeFileSync(file, 'a-file-of-the-test')
        }
        await docker.run('build --network=none --tag app-revurb --file deploy/revurb/docker-php/Dockerfile .'.split(' '), {
          cwd: app.folder,
        })
        for (const file of planted) rmSync(file)
      })

      test('contains no secret, and does not run as root', async () => {
        const php = (code: string) => docker.run(['run', '--rm', '--network=none', 'app-revurb', 'php', '-r', code])
        expect(await php('echo json_encode(glob("{,.}[!.]*", GLOB_BRACE));')).not.toContain('.env')
        const found = await php(
          'foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator(".", 4096)) as $f) if ($f->getSize() === 18 && file_get_contents($f) === "a-file-of-the-test") echo "$f\n";',
        )
        expect(found.split('\n').filter(Boolean).sort()).toEqual(code.map(file => `./${file}`))
        expect(await php('echo posix_geteuid(), is_writable("storage/logs") ? " writes" : "";')).toBe('33 writes')
        expect(await php('echo json_encode([glob("bootstrap/cache/*.php"), is_dir("storage/revurb")]);')).toBe('[[],false]')
      })

      test('installs the packages of composer.lock where the build context has none, with the credentials of a secret', async () => {
        const context = join(app.scratch, 'checkout')
        mkdirSync(context)
        writeFileSync(join(context, 'composer.json'), '{}')
        writeFileSync(join(app.scratch, 'auth.json'), 'never-in-an-image\n')
        const options = ['--file', app.file('docker-php/Dockerfile'), '--secret', `id=auth,src=${app.scratch}/auth.json`]
        await docker.run(['build', '--network=none', '--target=application', '--tag', 'installed', ...options, context])
        const show =
          'for f in vendor/autoload.php vendor/auth; do read -r line < $f; echo "$line"; done; ls /tmp bootstrap storage'
        const [command, auth, ...folders] = (
          await docker.run(['run', '--rm', '--network=none', 'installed', 'sh', '-c', show])
        ).split('\n')
        expect(command).toStartWith('install --no-dev --no-interaction ')
        expect(auth).toBe('17 bytes')
        expect(folders.filter(Boolean)).toEqual(['/tmp:', 'bootstrap:', 'cache', 'storage:', 'framework', 'logs'])
      })

      test('supervises as process 1, restarts in place, and closes the sockets when it is stopped', async () => {
        const publish = [
          '--network',
          'front',
          '--publish',
          `127.0.0.1:${app.port}:${app.port}`,
          '--sysctl',
          'net.ipv4.tcp_migrate_req=1',
        ]
        const service = Bun.YAML.parse(app.text('docker-php/compose.yaml')) as { services: { revurb: { tmpfs: string[] } } }
        const writable = service.services.revurb.tmpfs.flatMap(folder => ['--tmpfs', folder])
        await docker.run(
          ['run', '--detach', '--name', 'php', '--env-file', '.env', ...locked, ...writable, ...publish, 'app-revurb'],
          { cwd: app.folder },
        )
        await hasHealth('php', 'healthy')
        expect(await processOne('php')).toContain('/app/artisan reverb:start --host=0.0.0.0')

        const first = await Client.connected(app.port)
        await docker.run(['exec', 'php', 'php', '/app/artisan', 'reverb:restart'])
        expect((await first.closed).code).toBe(4200)

        const client = await Client.connected(app.port)
        await client.subscribe('room')
        await app.artisan('say', 'hello')
        expect(await client.next()).toMatchObject({ channel: 'room', data: '{"text":"hello"}' })
        expect(await docker.inspect('php', '{{.RestartCount}} {{.State.Running}}')).toBe('0 true')

        await docker.run(['stop', '--time', '20', 'php'])
        expect((await client.closed).code).toBe(1001)
        expect(await docker.inspect('php', '{{.State.ExitCode}}')).toBe('0')
      })

      test.skipIf(cannotRun('the Compose service with PHP', withoutCompose))('the Compose service', async () => {
        const usual = app.text('../../.env')
        writeFileSync(join(app.folder, '.env'), `${usual}REVURB_BUN=/opt/bun-of-this-machine\n`)
        try {
          await usingCompose('deploy/revurb/docker-php/compose.yaml', async container => {
            expect(await docker.inspect(container, '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}')).toBe('true [ALL]')
            expect(await docker.run(['exec', container, 'php', '-r', 'readfile("/proc/sys/net/ipv4/tcp_migrate_req");'])).toBe(
              '1\n',
            )
          })
        } finally {
          writeFileSync(join(app.folder, '.env'), usual)
        }
      })

      test.skipIf(cannotRun('the Compose service in Sail', withoutCompose))('the Compose service in Sail', async () => {
        // Sail's own file and image, as far as ours has to do with them: of another PHP than this machine's, and not laravel.test.
        await docker.run(['tag', 'app-revurb', 'sail-9.9/app'])
        const shop = {
          image: 'sail-9.9/app',
          // Of Sail's image.
          working_dir: '/var/www/html',
          command: ['php', '-r', 'sleep(600);'],
          stop_signal: 'SIGKILL',
          networks: ['sail'],
          environment: { LARAVEL_SAIL: 1, WWWUSER: '33' },
          volumes: ['.:/var/www/html'],
        }
        writeFileSync(
          join(app.folder, 'compose.yaml'),
          JSON.stringify({ services: { shop }, networks: { sail: { driver: 'bridge' } } }),
        )
        appendFileSync(join(app.folder, '.env'), 'APP_SERVICE=shop\n')
        await app.install('sail')
        const [files] = /SAIL_FILES=\S+/.exec(app.text('sail/compose.yaml'))!
        appendFileSync(join(app.folder, '.env'), `${files}\n`)

        // As reverb:bun stores it, beside one of the developer's Mac.
        const stored = join(app.folder, 'storage/revurb')
        const target = process.arch === 'arm64' ? 'linux-aarch64' : 'linux-x64'
        mkdirSync(stored, { recursive: true })
        cpSync(bun, join(stored, `bun-${Bun.version}-${target}`))
        writeFileSync(join(stored, `bun-${Bun.version}-darwin-aarch64`), 'none for Linux', { mode: 0o755 })

        await usingCompose(
          'deploy/revurb/sail/compose.yaml',
          async container => {
            expect(await docker.run(['top', container, '-o', 'pid,args'])).toContain(
              `/storage/revurb/bun-${Bun.version}-${target} `,
            )
            expect(await docker.run(['exec', container, 'php', 'artisan', 'reverb:bun', '--install'])).toContain(
              'is already stored',
            )
            // REVERB_HOST=127.0.0.1: the same for Laravel in the other container.
            const client = await Client.connected(app.port)
            await client.subscribe('room')
            const sail = join(app.scratch, 'packages/vendor/laravel/sail/bin/sail')
            const where = {
              cwd: app.folder,
              env: { COMPOSE_PROJECT_NAME: 'revurb', APP_USER: 'www-data', SAIL_SKIP_CHECKS: '1' },
            }
            await docker.beside(['bash', sail, 'artisan', 'say', 'hello'], where)
            // Compose takes its time, and the server may have sent a ping before.
            const frames = [await client.next()]
            while (frames.at(-1)!.event === 'pusher:ping') frames.push(await client.next())
            expect(frames.at(-1)).toMatchObject({ channel: 'room', data: '{"text":"hello"}' })
            client.close()
          },
          { before: ['compose.yaml'], build: false },
        )
      })
    },
  )

  async function publishedPort(container: string): Promise<number> {
    return Number(/:(\d+)\n$/.exec(await docker.run(['port', container, `${app.port}/tcp`]))![1])
  }

  async function answer(url: string): Promise<string> {
    try {
      return await (await fetch(url, { signal: AbortSignal.timeout(5_000) })).text()
    } catch {
      return 'none'
    }
  }

  /** Brings a service up as the head of its file says, and takes it down again. */
  async function usingCompose(
    file: string,
    test: (container: string) => Promise<void>,
    { before = [], build = true }: { before?: string[]; build?: boolean } = {},
  ): Promise<void> {
    // What is of this machine and not of the service.
    const here = { ulimits: { nofile: hardLimit() }, ...(build && { build: { network: 'none' } }) }
    writeFileSync(join(app.folder, 'here.yaml'), JSON.stringify({ services: { revurb: here } }))
    const files = [...before, file, 'here.yaml'].flatMap(name => ['--file', name])
    const compose = ['--project-name', 'revurb', '--project-directory', '.', ...files]
    const where = { cwd: app.folder, env: { WWWUSER: '33' } }
    try {
      await docker.compose([...compose, 'up', '--build', '--detach'], where)
      const container = (await docker.compose([...compose, 'ps', '-q', 'revurb'], where)).trim()
      await holdsFor(container, () => app.isUp())
      await test(container)

      const client = await Client.connected(app.port)
      await docker.compose([...compose, 'stop', 'revurb'], where)
      expect((await client.closed).code).toBe(1001)
      expect(await docker.inspect(container, '{{.State.ExitCode}}')).toBe('0')
    } finally {
      await docker.compose([...compose, 'down'], where)
    }
  }

  async function processOne(container: string): Promise<string> {
    const pid = await docker.inspect(container, '{{.State.Pid}}')
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^NSpid:\t\d+\t1$/m)
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  }

  /** In place of Composer: writes its arguments, and how much it has been told in confidence. */
  async function importComposer(): Promise<void> {
    const composer = `#!/bin/sh
mkdir vendor && echo "$*" > vendor/autoload.php
read -r auth < /tmp/auth.json && echo "\${#auth} bytes" > vendor/auth
`
    const programs = ['sh', 'mkdir', 'ls'].map(name => [realpathSync(`/bin/${name}`), `/bin/${name}`])
    await docker.standIn(
      base('docker-php', /^FROM (composer:\S+) /m),
      Object.fromEntries(programs),
      { 'usr/bin/composer': composer },
      'ENV PATH=/usr/bin:/bin',
    )
  }

  async function importPhp(): Promise<void> {
    const php = realpathSync('/usr/bin/php')
    const extensions = (await run(['php', '-r', 'echo ini_get("extension_dir");'])).trim()
    const settings = (await run(['php', '-r', 'echo PHP_CONFIG_FILE_SCAN_DIR;'])).trim()
    const files = [
      // Debian's PHP has no zones of its own.
      '/usr/share/zoneinfo',
      ...readdirSync(extensions).map(file => join(extensions, file)),
      ...readdirSync(settings).map(file => join(settings, file)),
    ]
    await docker.standIn(
      base('docker-php', /^FROM (php:\S+)$/m),
      {
        [php]: '/usr/local/bin/php',
        [realpathSync('/bin/sh')]: '/bin/sh',
        ...Object.fromEntries(files.map(file => [file, file])),
        [bun]: '',
      },
      {
        'etc/passwd': users,
        'etc/group': 'root:x:0:\nwww-data:x:33:\n',
        ...Object.fromEntries(
          ['docker-php-ext-install', 'docker-php-ext-enable', 'pecl'].map(name => [`usr/bin/${name}`, loaded]),
        ),
      },
      'ENV PATH=/usr/local/bin:/usr/bin:/bin',
    )
  }
})

/** This machine's PHP has the extensions, or the image does not come to be. */
const loaded = `#!/bin/sh
exec php -r 'exit(array_diff(array_slice($argv, 1), ["install"], get_loaded_extensions()) === [] ? 0 : 1);' -- "$@"
`

/** Some machines let not even root open as many files as the services ask for. */
function hardLimit(): number {
  return Math.min(65_535, Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 65_535))
}
