/** A page in a real browser whose components use Echo's hooks; `pages/` has one for React and one for Vue. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { headersOf, type User } from '../../../support/clients/backend.ts'
import type { Testbed } from '../../../support/clients/testbed.ts'
import { Queue } from '../../../support/queue.ts'
import { until } from '../../../support/until.ts'

/** What the page's own script has at hand; only the functions handed to `evaluate` run there. */
declare const window: {
  // biome-ignore lint/suspicious/noExplicitAny: Echo, in the page
  echo(): any
  show(components: Record<string, string>): void
  controls: Record<string, Record<string, () => unknown>>
  say(name: string, told: unknown): void
}

export type Framework = 'react' | 'vue'

const sources = { react: 'react.jsx', vue: 'vue.js' }

/** In a process of its own: one that has imported a package under Bun finds the wrong build of it for browsers. */
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
  /** What listeners on the page are called with, each with the name of its component. */
  readonly events = new Queue<[name: string, told: unknown]>()
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
    await page.exposeFunction('say', (name: string, told: unknown) => opened.events.add([name, told]))
    await page.goto(testbed.backend.url)
    await page.waitForFunction(() => window.show !== undefined)
    return opened
  }

  /** Puts these components on the page, by name, each with the hook that it uses; takes away the others. */
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
      const told = (data: unknown) => window.say(name, data)
      window.echo().encryptedPrivate(name).listen(what, told)
    }
    await this.page.evaluate(listen, [channel, event] as const)
  }

  /** Leaves a channel that no component has. */
  async leave(channel: string): Promise<void> {
    await this.page.evaluate(name => window.echo().leave(name), channel)
  }

  /** What a component is told next; what others are told is skipped. */
  async told(name: string): Promise<unknown> {
    for (;;) {
      const [listener, told] = await this.events.next()
      if (listener === name) return told
    }
  }

  /** Waits until a component is told this; React tells it twice what a hook is at the beginning. */
  async hears(name: string, what: unknown): Promise<void> {
    while (!Bun.deepEquals(await this.told(name), what));
  }

  /** Takes every component away, and waits until every channel is left. */
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
