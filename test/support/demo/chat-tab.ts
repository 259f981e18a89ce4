import type { Browser, BrowserContext, Page } from 'playwright-core'
import { timeoutSeconds, until } from '../until.ts'

/** The option of Playwright. */
const patience = { timeout: timeoutSeconds * 1000 }

/** The globals of the page. Only functions that are passed to `evaluate` run there. */
declare const window: {
  Echo: {
    private(channel: string): { error(callback: (error: Refusal) => void): void }
    connector: {
      pusher: {
        connection: { state: string }
        channels: { all(): { name: string; subscribed: boolean }[] }
        send_event(event: string, data: object): boolean
      }
    }
  }
}

declare const document: { getElementById(id: string): { textContent: string } }

interface Refusal {
  type: string
  status: number
}

interface Frame {
  event: string
  data?: string
  channel?: string
  user_id?: string
}

/** A browser tab with the chat, signed in as a user, with cookies of its own. */
export class Tab {
  /** The id of the user. */
  id = 0

  /** The frames received on the page's WebSockets, oldest first. */
  readonly received: Frame[] = []

  private constructor(
    readonly name: string,
    readonly page: Page,
    readonly context: BrowserContext,
  ) {
    page.on('websocket', socket => {
      socket.on('framereceived', ({ payload }) => void this.received.push(JSON.parse(String(payload))))
    })
  }

  /** Opens the chat, and waits until it is connected and subscribed. */
  static async open(browser: Browser, url: string, name: string, options = {}): Promise<Tab> {
    const context = await browser.newContext(options)
    context.setDefaultTimeout(patience.timeout)
    const tab = new Tab(name, await context.newPage(), context)
    await tab.page.goto(`${url}/?as=${encodeURIComponent(name)}`)
    await tab.subscribed()
    tab.id = await tab.page.evaluate(() => JSON.parse(document.getElementById('page').textContent).me.id)

    return tab
  }

  /** Waits until it is connected and subscribed to all of its channels. */
  async subscribed(): Promise<void> {
    const ready = () => {
      // The page's script may not have run yet.
      const pusher = (window.Echo as typeof window.Echo | undefined)?.connector.pusher

      return pusher?.connection.state === 'connected' && pusher.channels.all().every(channel => channel.subscribed)
    }
    await this.page.waitForFunction(ready, undefined, patience)
  }

  /** The channels that the page is subscribed to. */
  async channels(): Promise<string[]> {
    return await this.page.evaluate(() => {
      const subscribed = window.Echo.connector.pusher.channels.all().filter(channel => channel.subscribed)

      return subscribed.map(channel => channel.name)
    })
  }

  /** The error of Echo's `.error()` for a private channel that is refused to this tab. */
  async refusal(channel: string): Promise<Refusal> {
    return await this.page.evaluate(name => new Promise(resolve => window.Echo.private(name).error(resolve)), channel)
  }

  /** Sends a message to the server as it is. */
  async send(event: string, data: object): Promise<void> {
    await this.page.evaluate(([name, body]) => void window.Echo.connector.pusher.send_event(name, body), [event, data] as const)
  }

  async type(text: string): Promise<void> {
    await this.page.locator('#say input').pressSequentially(text)
  }

  async say(text: string): Promise<void> {
    await this.page.locator('#say input').fill(text)
    await this.page.locator('#say input').press('Enter')
  }

  async messages(): Promise<string[]> {
    return await this.page.locator('[data-message] .bubble').allTextContents()
  }

  async notices(): Promise<string[]> {
    return await this.page.locator('[data-notice] p').allTextContents()
  }

  async members(): Promise<string[]> {
    return (await this.page.locator('[data-member] .name').allTextContents()).sort()
  }

  async seesMembers(...names: string[]): Promise<void> {
    await until(`${this.name} sees ${names} as members`, async () => (await this.members()).join() === names.join())
  }

  /** Waits inside the page, which shows for three seconds that a user is typing: polling from outside may be too late. */
  async seesTyping(text: string): Promise<void> {
    const shows = (wanted: string) => document.getElementById('typing').textContent === wanted
    await this.page.waitForFunction(shows, text, patience)
  }

  async sees(text: string): Promise<void> {
    try {
      await until(`${this.name} sees "${text}"`, async () =>
        [...(await this.messages()), ...(await this.notices())].includes(text),
      )
    } catch (error) {
      const shown = {
        messages: await this.messages(),
        notices: await this.notices(),
        frames: this.received.map(({ event }) => event),
      }
      throw new Error(`${(error as Error).message}. It shows ${JSON.stringify(shown)}`)
    }
  }

  /** The frames of one event. */
  frames(event: string): Frame[] {
    return this.received.filter(frame => frame.event === event)
  }

  async close(): Promise<void> {
    await this.context.close()
  }
}
