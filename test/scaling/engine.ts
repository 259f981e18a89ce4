#!/usr/bin/env bun
/**
 * `engine.ts COMMAND …` runs a command, as `bun test test/scaling`, with a Docker engine of its own that has an image of this
 * machine's Redis: nothing is pulled. Where there can be no such engine, or another one answers, it says so and runs the
 * command without. Ends with the command's exit code.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { outcome } from '../support/child-process.ts'
import { Docker, withoutDocker } from '../support/docker.ts'
import { withoutRedisServer } from '../support/redis-process.ts'

const image = 'revurb-test/redis'
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first that has come: the engine is to be ended too. */
let told: (typeof signals)[number] | undefined
let command: Bun.Subprocess | undefined

process.exit(await main(process.argv.slice(2)))

async function main(words: string[]): Promise<number> {
  for (const signal of signals) process.on(signal, () => end(signal))
  const reason = withoutDocker || withoutRedisServer || (await otherEngine())
  if (reason) {
    console.log(`No Docker engine is started for the tests: ${reason}.`)
    return run(words)
  }
  const folder = mkdtempSync(join(tmpdir(), 'revurb-docker-'))
  try {
    return await withEngine(folder, docker => run(words, environment(docker.host)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function withEngine(folder: string, use: (docker: Docker) => Promise<number>): Promise<number> {
  const docker = await Docker.started(folder)
  try {
    const redis = realpathSync(Bun.which('redis-server')!)
    await docker.standIn(image, { [redis]: '/usr/bin/redis-server' }, {}, 'ENV PATH=/usr/bin')
    return await use(docker)
  } finally {
    await docker.stop()
  }
}

/** By which tests find the engine and the image. */
function environment(host: string): Record<string, string> {
  // Published ports are on this machine, also where it is a container itself.
  return { DOCKER_HOST: host, TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1', REVURB_TEST_REDIS_IMAGE: image }
}

/** Why the tests are to use another engine than one of their own. */
async function otherEngine(): Promise<string | false> {
  const named = ['REVURB_TEST_REDIS_IMAGE', 'DOCKER_HOST'].find(name => process.env[name] !== undefined)
  if (named !== undefined) return `${named} is set`
  const { code } = await outcome(['docker', 'info'], { seconds: 10 })
  return code === 0 && 'this machine has one that answers'
}

/** Ends with 128 and the signal's number where one has come. */
async function run(words: string[], more: Record<string, string> = {}): Promise<number> {
  if (told !== undefined) return 128 + constants.signals[told]
  // In a group of its own: a signal reaches all that it has started, and from here alone.
  command = Bun.spawn(words, {
    env: { ...process.env, ...more },
    stdio: ['inherit', 'inherit', 'inherit'],
    detached: true,
  })
  const code = await command.exited
  command = undefined
  return code
}

function end(signal: (typeof signals)[number]): void {
  told ??= signal
  if (command !== undefined) process.kill(-command.pid, signal)
}
