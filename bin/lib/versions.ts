/** Versions, from the one place that has each: what is required, tested, recorded and measured. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')

/** `test/tested-with.json`: the machine of the last `make tested-with`. */
export type Tested = {
  readonly date: string
  /** By the names of `tested`. */
  readonly versions: Readonly<Record<string, string>>
}

type Recorded = { readonly version: string; readonly commit: string; readonly recorded: string; readonly scenarios: number } & {
  readonly php: string
  readonly bun: string
  readonly packages: Readonly<Record<string, string>>
}

type Measured = {
  readonly date: string
  readonly targets: readonly { readonly id: string; readonly name: string; readonly version: string }[]
}

/** What the tests use, and for what. */
export const tested: Readonly<Record<string, string>> = {
  PHP: 'the Composer package and `reverb:start`',
  Laravel: 'every application of the tests',
  Bun: 'the server',
  Redis: 'scaling, and caches in Redis',
  'pusher/pusher-php-server': "Laravel's publisher",
  'pusher-js': 'a client',
  'laravel-echo': 'a client',
  '@laravel/echo-react': 'a client',
  '@laravel/echo-vue': 'a client',
  pusher: 'a publisher in Node.js',
  Chromium: 'pages with Echo and pusher-js',
  nginx: 'the files of `reverb:install --stubs=nginx`, and public configurations for Reverb',
  Caddy: 'the same for Caddy',
  Apache: 'the same for Apache',
  HAProxy: 'the same for HAProxy',
  Supervisor: 'the files of `reverb:install --stubs=supervisor`',
  Docker: 'the files of `reverb:install --stubs=docker,docker-php,sail`',
  Linux: 'everything',
}

export const lastTested = json<Tested>('test/tested-with.json')
export const recorded = json<Recorded>('test/compat/recordings/reverb-1.10.2/META.json')
export const measured = json<Measured>('bench/results/full.json')

/** The least version of PHP, of Bun and of pusher/pusher-php-server, and the major versions of Laravel. */
export const required = requirements()

/** The release of Reverb that was recorded, the commits after it, and the version that Packagist has of them. */
export const reverb = recordedReverb(recorded.version)

/** The versions that a page may give for each of these; a release stands for its minor and major version too. */
export const mentionable: Readonly<Record<string, readonly string[]>> = {
  Bun: [required.bun, lastTested.versions.Bun!, ...versionsIn('Bun')],
  Echo: [lastTested.versions['laravel-echo']!],
  Laravel: [...required.laravel, lastTested.versions.Laravel!, recorded.packages['laravel/framework']!],
  PHP: [required.php, lastTested.versions.PHP!, recorded.php.split(' ')[0]!, ...versionsIn('PHP')],
  'pusher-js': [lastTested.versions['pusher-js']!],
  Redis: [lastTested.versions.Redis!],
  Reverb: [reverb.release],
  Soketi: versionsIn('Soketi'),
}

function requirements(): { php: string; bun: string; laravel: readonly string[]; pusher: string } {
  const { require } = json<{ require: Record<string, string> }>('composer.json')
  const { engines } = json<{ engines: { bun: string } }>('package.json')
  return {
    php: least(require.php!),
    bun: least(engines.bun).replace(/\.0$/, ''),
    laravel: require['illuminate/support']!.split('|').map(range => least(range).replace(/\.0$/, '')),
    pusher: least(require['pusher/pusher-php-server']!),
  }
}

/** The version at which a range such as `^8.2` or `>=1.4.0` begins. */
function least(range: string): string {
  return range.replace(/^[^\d]*/, '')
}

function recordedReverb(version: string): { release: string; commits: number; packagist: string } {
  const [, release, commits, packagist] = /^v([\d.]+)-(\d+)-.*Packagist calls ([\d.]+)/.exec(version) ?? []
  if (packagist === undefined) throw new Error(`META.json has no version of Reverb that is understood: ${version}`)
  return { release: release!, commits: Number(commits), packagist }
}

/** Those of a program in the measured versions, which are texts such as `0.1.0, Bun 1.4.5`. */
function versionsIn(name: string): string[] {
  return measured.targets.flatMap(target =>
    `${target.name.replace(/ \(.*\)/, '')} ${target.version}`
      .split(', ')
      .flatMap(text => new RegExp(`\\b${name} ([\\d.]+)$`).exec(text)?.[1] ?? []),
  )
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as T
}
