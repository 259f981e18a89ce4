#!/usr/bin/env bun
/**
 * `engine.ts COMMAND …` runs a command, as `make test`, with a Docker engine of its own that has an image of this machine's
 * Redis: nothing is pulled. Ends with the command's exit code, and with 1 where there can be no engine.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Docker, withoutDocker } from '../deploy/support/docker.ts'
import { withoutRedisServer } from './support/process.ts'

const image = 'revurb-test/redis'
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first that has come: the engine is to be ended too. */
let told: (typeof signals)[number] | undefined
let command: Bun.Subprocess | undefined

process.exit(await main(process.argv.slice(2)))

async function main(words: string[]): Promise<number> {
  const lack = withoutDocker || withoutRedisServer
  if (lack) {
    console.error(`No Docker engine for the tests: ${lack}.`)
    return 1
  }
  for (const signal of signals) process.on(signal, () => end(signal))
  const folder = mkdtempSync(join(tmpdir(), 'revurb-docker-'))
  try {
    return await withEngine(folder, docker => run(words, docker.host))
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

/** Ends with 128 and the signal's number where one has come. */
async function run(words: string[], host: string): Promise<number> {
  if (told !== undefined) return 128 + constants.signals[told]
  // Published ports are on this machine, also where it is a container itself.
  const where = { DOCKER_HOST: host, TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1', REVURB_TEST_REDIS_IMAGE: image }
  // In a group of its own: a signal reaches all that it has started, and from here alone.
  command = Bun.spawn(words, {
    env: { ...process.env, ...where },
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
