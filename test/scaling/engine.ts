#!/usr/bin/env bun
/**
 * `engine.ts COMMAND …` runs a command, such as `bun test test/scaling`, with a Docker engine of its own that has an image of this
 * machine's Redis: nothing is pulled. Where no such engine can be started, or another one answers, it prints why and runs the
 * command without one. Exits with the command's exit code.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { outcome } from '../support/child-process.ts'
import { Docker, withoutDocker } from '../support/docker.ts'
import { withoutRedisServer } from '../support/redis-process.ts'

const image = 'revurb-test/redis'
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal that was received: it ends the command and then the engine. */
let received: (typeof signals)[number] | undefined
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

/** The variables by which tests find the engine and the image. */
function environment(host: string): Record<string, string> {
  // Published ports are on this machine, also where it is a container itself.
  return { DOCKER_HOST: host, TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1', REVURB_TEST_REDIS_IMAGE: image }
}

/** Why no engine is started for the tests; false where one is. */
async function otherEngine(): Promise<string | false> {
  const named = ['REVURB_TEST_REDIS_IMAGE', 'DOCKER_HOST'].find(name => process.env[name] !== undefined)
  if (named !== undefined) return `${named} is set`
  const { code } = await outcome(['docker', 'info'], { seconds: 10 })
  return code === 0 && 'an engine answers on this machine'
}

/** Returns 128 and the signal's number where one was received. */
async function run(words: string[], more: Record<string, string> = {}): Promise<number> {
  if (received !== undefined) return 128 + constants.signals[received]
  // In a process group of its own: a signal reaches the command and its children, and only from here.
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
  received ??= signal
  if (command !== undefined) process.kill(-command.pid, signal)
}
