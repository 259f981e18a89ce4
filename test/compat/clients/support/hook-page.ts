/** A page in a real browser whose components use Echo's hooks; `pages/` has one for React and one for Vue. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { headersOf, type User } from '../../../support/clients/backend.ts'
import type { Testbed } from '../../../support/clients/testbed.ts'
import { Queue } from '../../../support/queue.ts'
import { until } from '../../../support/until.ts'

/** The globals of the page. Only functions that are passed to `evaluate` run there. */
declare const window: {
  // biome-ignore lint/suspicious/noExplicitAny: Echo, in the page
  echo(): any
  show(components: Record<string, string>): void
  controls: Record<string, Record<string, () => unknown>>
  report(name: string, data: unknown): void
}

export type Framework = 'react' | 'vue'

const sources = { react: 'react.jsx', vue: 'vue.js' }

/** Bundles the page in a process of its own: Bun resolves a package that it has imported to the same build again, which is not that for browsers. */
export async function bundle(framework: Framework): Promise<string> {
  const page = join(import.meta.dir, '../pages', sources[framework])
  // React's StrictMode mounts every component twice, in development only.
  const development = ['--define', 'process.env.NODE_ENV="development"']
  const child = Bun.spawn([process.execPath, 'build', page, '--target=browser', ...development], { stderr: 'pipe' })
  const [script, faults] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(faults)
  return script
}

export class HookPage {
  /** The data that callbacks on the page receive, with the names of their components. */
  readonly events = new Queue<[name: string, data: unknown]>()
  private failure: Error | undefined

  private constructor(
    private readonly testbed: Testbed,
    private readonly page: Page,
  ) {
    page.on('pageerror', error => {
      this.failure = error
      this.events.end(`the page has failed: ${error.stack}`)
    })
  }

  static async open(browser: Browser, testbed: Testbed, script: string, user: User): Promise<HookPage> {
    const headers = headersOf(user)
    const options = {
      key: testbed.server.app.key,
      wsHost: '127.0.0.1',
      wsPort: testbed.server.port,
      auth: { headers },
      userAuthentication: { endpoint: '/broadcasting/user-auth', headers },
    }
    const settings = `<script>window.testbed = ${JSON.stringify(options)}</script>`
    const body = `<!doctype html><title>Hooks</title><body></body>${settings}<script type="module" src="/page.js"></script>`
    testbed.backend.pages.set('/', { type: 'text/html; charset=utf-8', body })
    testbed.backend.pages.set('/page.js', { type: 'text/javascript; charset=utf-8', body: script })
    const page = await browser.newPage()
    const opened = new HookPage(testbed, page)
    await page.exposeFunction('report', (name: string, data: unknown) => opened.events.add([name, data]))
    await page.goto(testbed.backend.url)
    await page.waitForFunction(() => window.show !== undefined)
    return opened
  }

  /** Mounts these components, by name, each with the hook that it uses, and unmounts all others. */
  async show(components: Record<string, string>): Promise<void> {
    await this.page.evaluate(shown => window.show(shown), components)
  }

  /** Calls one of the functions that a component's hook has returned. */
  async control(name: string, action: string): Promise<void> {
    await this.page.evaluate(([component, act]) => void window.controls[component]![act]!(), [name, action] as const)
  }

  /** Listens to an encrypted channel, for which there is no hook. */
  async listenEncrypted(channel: string, event: string): Promise<void> {
    const listen = ([name, what]: readonly [string, string]) => {
      const callback = (data: unknown) => window.report(name, data)
      window.echo().encryptedPrivate(name).listen(what, callback)
    }
    await this.page.evaluate(listen, [channel, event] as const)
  }

  /** Leaves a channel that no component has. */
  async leave(channel: string): Promise<void> {
    await this.page.evaluate(name => window.echo().leave(name), channel)
  }

  /** The data that a component receives next; data of other components is skipped. */
  async next(name: string): Promise<unknown> {
    for (;;) {
      const [component, data] = await this.events.next()
      if (component === name) return data
    }
  }

  /** Waits until a component receives this value. React reports the first value of a hook twice. */
  async waitFor(name: string, what: unknown): Promise<void> {
    while (!Bun.deepEquals(await this.next(name), what));
  }

  /** Unmounts all components, and waits until the page is unsubscribed from every channel. */
  async empty(): Promise<void> {
    await this.show({})
    await this.subscribedTo()
    this.events.rest()
  }

  /** Waits until the page is subscribed to these channels, and to no others. */
  async subscribedTo(...names: string[]): Promise<void> {
    await until(`the page is on ${names.join(', ') || 'no channel'}`, async () => {
      if (this.failure !== undefined) throw this.failure
      const { channels } = (await (await this.testbed.sdk.get({ path: '/channels' })).json()) as { channels: object }
      return Object.keys(channels).sort().join() === names.sort().join()
    })
  }

  /** What the page has asked the server for concerning a channel, since this was last asked. */
  asked(channel: string): string[] {
    return this.testbed.received.splice(0).flatMap(({ event, data }) => (data.channel === channel ? [event] : []))
  }

  async close(): Promise<void> {
    await this.page.close()
  }
}
