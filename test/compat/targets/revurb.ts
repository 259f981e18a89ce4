/** Our server, started through its real command line with the settings as its document. */
import type { Server, Target } from '../lib/server.ts'
import { join } from 'node:path'

const host = '127.0.0.1'
/** The server ends with 69 when it cannot listen; `reverb:start` then ends with 1, as Reverb's does. `test/php/Integration/RealServerTest.php` pins that. */
const [cannotListen, ofReverbStart] = [69, 1]
const main = join(import.meta.dir, '../../../dist/revurb.js')

const revurb: Target = {
  async start(settings, port): Promise<Server> {
    const document = { version: 1, server: { host, port, hostname: host, ...settings.server }, apps: settings.apps }
    const child = revurbStart(document)
    let code: number | undefined
    void child.exited.then((exit) => { code = exit })
    const readyAt = await ready(child.stdout)
    return {
      host, port, readyAt,
      exitCode: () => code,
      control: {
        signal: name => child.kill(name),
        // What `php artisan reverb:restart` leads to: the parent process asks for an end.
        restart() {
          child.kill('SIGTERM')
          return Promise.resolve()
        },
        async second() {
          const other = revurbStart(document)
          const exit = await Promise.race([other.exited, Bun.sleep(60_000).then(() => null)])
          other.kill()
          return { code: exit === cannotListen ? ofReverbStart : exit, output: (await new Response(other.stdout).text()).trim() }
        },
        async stop() {
          child.kill('SIGKILL')
          await child.exited
        },
      },
    }
  },
}

export default revurb

/** Resolves when the server is ready. Just before, it checks that the port is free with a listener that closes every connection. */
async function ready(output: ReadableStream<Uint8Array>): Promise<number> {
  const reader = output.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes('"type":"ready"')) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the server has ended before it was ready: ${text}`)
    text += decoder.decode(value, { stream: true })
  }
  reader.releaseLock()
  return performance.now()
}

function revurbStart(document: object) {
  const child = Bun.spawn([process.execPath, '--no-env-file', main, 'start'], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' })
  child.stdin.write(`${JSON.stringify(document)}\n`)
  void child.stdin.flush()
  return child
}
