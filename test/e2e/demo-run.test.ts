import { afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { Demo, START_MS } from '../support/demo/demo.ts'
import { listen } from '../support/ports.ts'
import { commandLine, runs } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { Subscriber } from './support/subscriber.ts'

setDefaultTimeout(180_000)

let demo: Demo

afterEach(async () => {
  await demo.stop('SIGTERM')
})

describe('demo/run', () => {
  beforeAll(async () => {
    // What has to be installed first takes longer than a test may.
    demo = await Demo.start()
    await demo.stop()
  }, START_MS)

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`ends all its processes and frees its ports on ${signal}`, async () => {
      demo = await Demo.start()
      const pids = demo.pids
      expect(pids.map(commandLine).filter(line => /artisan serve|reverb:start|queue:work|revurb\.js/.test(line))).toHaveLength(4)
      const subscriber = await Subscriber.of(demo, 'red')

      expect(await demo.stop(signal)).toBe(0)
      await haveEnded(pids)
      await until('the socket is closed', () => subscriber.closed)
      expect(subscriber.closed).toBe(1001)
      for (const port of [demo.webPort, demo.reverbPort]) (await listen(port)).server.close()
    })
  }

  test('loses no queued broadcast to SQLite, because transactions take the write lock before they read', async () => {
    demo = await Demo.start()
    const other = "(new PDO('sqlite:'.config('database.connections.sqlite.database'), options: [PDO::ATTR_TIMEOUT => 0]))"
    const attempt = `try { ${other}->exec('BEGIN IMMEDIATE'); echo 'free'; } catch (PDOException $e) { echo $e->getMessage(); }`

    expect(await demo.evaluate(`Illuminate\\Support\\Facades\\DB::transaction(function () { ${attempt} });`)).toContain(
      'database is locked',
    )
  })

  test('ends with a reason when one of its processes ends', async () => {
    demo = await Demo.start()
    const pids = demo.pids
    process.kill(pids.find(pid => commandLine(pid).includes('queue:work'))!, 'SIGKILL')

    expect(await demo.exited).toBe(1)
    expect(demo.output).toContain('queue has ended')
    await haveEnded(pids)
  })

  test('names the port that is in use, and how to choose another', async () => {
    for (const [name, which] of [
      ['DEMO_PORT', 'web'],
      ['REVERB_PORT', 'reverb'],
    ] as const) {
      const { port, server } = await listen(0)
      demo = await Demo.prepare({ [which]: port })

      await expect(demo.run()).rejects.toThrow(`Port ${port} is in use`)
      expect(await demo.exited).toBe(1)
      expect(demo.output).toContain(`${name}=${port + 1} demo/run`)
      server.close()
      await demo.stop()
    }
  })
})

/** A process that the demo has killed may take a moment to end. */
async function haveEnded(pids: readonly number[]): Promise<void> {
  await until('every process of the demo has ended', () => !pids.some(runs))
}
