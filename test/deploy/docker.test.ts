/**
 * What `reverb:install --stubs=docker,docker-php` writes, built and run. Nothing is pulled: the base images are stand-ins with
 * this machine's Bun and PHP.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  appendFileSync,
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
import { DeployedApp } from '../support/deployed-app.ts'
import { Docker, withoutCompose, withoutDocker } from '../support/docker.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(180_000)

const bun = realpathSync(process.execPath)
/** Files that applications have, and that are no part of their code. */
const secrets = [
  '.env.production',
  '.npmrc',
  'auth.json',
  'bootstrap/cache/config.php',
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
  'storage/logs/laravel.log',
  'storage/oauth-private.key',
  'storage/oauth-public.key',
]

/** Files that look like those, and are. */
const code = ['config/auth.json', 'database/schema/mysql-schema.sql', 'vendor/some/package/cacert.pem']

const users = 'root:x:0:0::/:/bin/sh\nbun:x:1000:1000::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n'

describe.skipIf(cannotRun('the containers', withoutDocker))('in containers', () => {
  let app: DeployedApp
  let docker: Docker

  beforeAll(async () => {
    app = await DeployedApp.make({
      environment: { REVURB_BUN: '', CACHE_FOLDER: '/app/storage/framework/cache', SECRET_OF_ENV: 'never-in-an-image' },
    })
    await app.install('docker', 'docker-php')
    docker = await Docker.started(join(app.scratch, 'docker'))
    const path = 'ENV PATH=/usr/local/bin:/usr/bin:/bin'
    await docker.standIn('oven/bun:1.4.5-slim', { [bun]: '/usr/local/bin/bun' }, { 'etc/passwd': users }, path)
    await docker.run(['network', 'create', 'front'])
  })

  afterAll(async () => {
    await docker?.stop()
    await app?.[Symbol.asyncDispose]()
  })

  const healthy = (container: string) =>
    holdsFor(container, async () => (await docker.inspect(container, '{{.State.Health.Status}}')) === 'healthy')

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
      expect(config).toMatchObject({ User: 'bun', StopSignal: 'SIGTERM', Entrypoint: ['bun', '--no-env-file', 'revurb.js'] })
      expect(
        await docker.run([
          'run',
          '--rm',
          '--network=none',
          '--entrypoint=bun',
          'revurb',
          '-e',
          'console.log(require("fs").readdirSync("."))',
        ]),
      ).toBe('[ "revurb.js" ]\n')
    })

    test('serves as process 1, is healthy, and closes the sockets when it is stopped', async () => {
      const document = `${join(app.folder, 'storage/app/revurb.json')}:/run/revurb.json:ro`
      const options = ['--user', '33:33', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--health-interval=1s']
      const publish = ['--network', 'front', '--publish', `127.0.0.1:${app.port}:${app.port}`]
      await docker.run(['run', '--detach', '--name', 'bare', ...options, ...publish, '--volume', document, 'revurb'])
      await healthy('bare')
      expect(await processOne('bare')).toContain('revurb.js start --config /run/revurb.json')

      const client = await Client.connected(app.port)
      await client.subscribe('room')
      await app.artisan('say', 'hello')
      expect(await client.next()).toMatchObject({ channel: 'room', data: '{"text":"hello"}' })

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
  })

  describe.skipIf(cannotRun('the container with PHP', !existsSync('/usr/bin/php') && 'there is no /usr/bin/php'))(
    'with PHP',
    () => {
      beforeAll(async () => {
        await importPhp()
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
        await docker.run(
          ['run', '--detach', '--name', 'php', '--env-file', '.env', '--health-interval=1s', ...publish, 'app-revurb'],
          { cwd: app.folder },
        )
        await healthy('php')
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
        await usingCompose('deploy/revurb/docker-php/compose.yaml', async container => {
          expect(await docker.run(['exec', container, 'php', '-r', 'readfile("/proc/sys/net/ipv4/tcp_migrate_req");'])).toBe(
            '1\n',
          )
        })
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

        await usingCompose(
          'deploy/revurb/sail/compose.yaml',
          async () => {
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
      `php:${phpVersion()}-cli`,
      {
        [php]: '/usr/local/bin/php',
        [realpathSync('/bin/sh')]: '/bin/sh',
        ...Object.fromEntries(files.map(file => [file, file])),
        [bun]: '',
      },
      {
        'etc/passwd': users,
        'etc/group': 'root:x:0:\nwww-data:x:33:\n',
        // This machine's PHP has the extension, or the image does not come to be.
        'usr/bin/docker-php-ext-install': `#!/bin/sh\nexec php -r 'exit(extension_loaded($argv[1]) ? 0 : 1);' "$1"\n`,
      },
      'ENV PATH=/usr/local/bin:/usr/bin:/bin',
    )
  }
})

function phpVersion(): string {
  return Bun.spawnSync(['php', '-r', 'echo PHP_MAJOR_VERSION.".".PHP_MINOR_VERSION.".".PHP_RELEASE_VERSION;']).stdout.toString()
}

/** Some machines let not even root open as many files as the services ask for. */
function hardLimit(): number {
  return Math.min(65_535, Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 65_535))
}
