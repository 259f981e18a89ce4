/** What a user of the demo sees, however the demo is served. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { START_MS } from './demo.ts'
import { commandLine, runs } from './processes.ts'
import { launchBrowser, Tab } from './tab.ts'
import { until } from './until.ts'

/** The demo, once it is served. */
export interface Chat {
  readonly url: string
  readonly env: Record<string, string>
  /** Of every process that serves it. */
  readonly pids: number[]
  artisan(...args: string[]): Promise<string>
  stop(): Promise<unknown>
}

export function chatTests(name: string, start: () => Promise<Chat>): void {
  describe(name, () => {
    let demo: Chat
    let browser: Browser
    let ada: Tab
    let grace: Tab

    beforeAll(async () => {
      browser = await launchBrowser()
      demo = await start()
    }, START_MS)

    afterAll(async () => {
      await browser?.close()
      await demo?.stop()
    })

    beforeEach(async () => {
      ada = await Tab.open(browser, demo.url, 'Ada')
      grace = await Tab.open(browser, demo.url, 'Grace')
    })

    afterEach(async () => {
      await ada.close()
      await grace.close()
    })

    test('a message reaches the other tab, and its sender only with the answer to the request', async () => {
      await ada.say('Good morning, Grace')
      await grace.sees('Good morning, Grace')
      await grace.say('Good morning, Ada')
      await ada.sees('Good morning, Ada')

      expect((await ada.messages()).slice(-2)).toEqual(['Good morning, Grace', 'Good morning, Ada'])
      expect((await grace.messages()).slice(-2)).toEqual(['Good morning, Grace', 'Good morning, Ada'])
      // toOthers(): the page would hide a message that came twice, the socket would not.
      expect(texts(ada)).toEqual(['Good morning, Ada'])
      expect(texts(grace)).toEqual(['Good morning, Grace'])
    })

    test('the list of members follows who comes and goes', async () => {
      await until('Ada sees both', async () => (await ada.members()).join() === 'Ada,Grace')
      expect(await grace.members()).toEqual(['Ada', 'Grace'])

      const alan = await Tab.open(browser, demo.url, 'Alan')
      await until('Ada sees Alan come', async () => (await ada.members()).join() === 'Ada,Alan,Grace')
      expect(await alan.members()).toEqual(['Ada', 'Alan', 'Grace'])

      await alan.close()
      await until('Ada sees Alan go', async () => (await ada.members()).join() === 'Ada,Grace')
    })

    test('a second tab of the same user is no second member', async () => {
      const again = await Tab.open(browser, demo.url, 'Grace')
      expect(await again.members()).toEqual(['Ada', 'Grace'])

      await again.close()
      const alan = await Tab.open(browser, demo.url, 'Alan')
      await until('Ada sees Alan', async () => (await ada.members()).includes('Alan'))
      await alan.close()

      const about = (event: string) => ada.frames(event).map(frame => Number(JSON.parse(frame.data!).user_id))
      await until('Ada sees Alan go', () => about('pusher_internal:member_removed').length > 0)
      expect(about('pusher_internal:member_added').filter(id => id === grace.id)).toHaveLength(1)
      expect(about('pusher_internal:member_removed')).toEqual([alan.id])
    })

    test('typing is whispered to the others, and to nobody else', async () => {
      await ada.type('Hm')
      await until('Grace sees it', async () => (await grace.typing()) === 'Ada is typing')
      await grace.say('Go on')
      await ada.sees('Go on')

      expect(await ada.typing()).toBe('')
      // Grace typed as well; of her own typing Ada hears nothing.
      expect(new Set(ada.frames('client-typing').map(frame => Number(frame.user_id)))).toEqual(new Set([grace.id]))
    })

    test('a private channel opens for its user and for nobody else', async () => {
      const own = `private-App.Models.User.${ada.id}`
      expect(await ada.channels()).toContain(own)

      expect(await grace.refusal(`App.Models.User.${ada.id}`)).toMatchObject({ type: 'AuthError', status: 403 })
      expect(await grace.channels()).not.toContain(own)
    })

    test('the server itself refuses a signature that is not the application’s', async () => {
      const channel = `private-App.Models.User.${ada.id}`
      await grace.send('pusher:subscribe', { channel, auth: `${demo.env.REVERB_APP_KEY}:${'0'.repeat(64)}` })

      await until('Grace is refused', () => grace.frames('pusher:subscription_error').length > 0)
      expect(grace.frames('pusher:subscription_error')[0]!.channel).toBe(channel)
    })

    test('a notice from the console reaches its user alone', async () => {
      await demo.artisan('chat:notice', 'Ada', 'Your tea is ready')
      await ada.sees('Your tea is ready')
      await demo.artisan('chat:notice', 'Grace', 'Your coffee is ready')
      await grace.sees('Your coffee is ready')

      expect(await ada.notices()).toEqual(['Your tea is ready'])
      expect(await grace.notices()).toEqual(['Your coffee is ready'])
      expect(grace.frames(String.raw`App\Events\NoticeSent`)).toHaveLength(1)
    })

    test('a wave from one browser reaches the other', async () => {
      await grace.page.locator(`[data-member="${ada.id}"] button`).click()
      await ada.sees('Grace waves at you.')

      expect(await grace.notices()).toEqual([])
    })

    test('a message from the console reaches everybody', async () => {
      await demo.artisan('chat:say', 'The library closes at ten')
      await Promise.all([ada.sees('The library closes at ten'), grace.sees('The library closes at ten')])
    })

    test('after reverb:restart the tabs come back by themselves, and miss nothing', async () => {
      const server = () => demo.pids.filter(pid => commandLine(pid).includes('revurb.js'))
      const [before] = server()
      await demo.artisan('reverb:restart')
      await until('the old server is gone', () => before !== undefined && !runs(before))
      await demo.artisan('chat:say', 'Still here?')

      // A tab that comes back too early, and finds the port closed, tries again 15 seconds later: pusher-js is like that.
      await Promise.all([ada.subscribed(45), grace.subscribed(45)])
      expect(server()).not.toContain(before)
      await Promise.all([ada.sees('Still here?'), grace.sees('Still here?')])
      await ada.say('Always')
      await grace.sees('Always')
    }, 90_000)
  })
}

/** The messages that came over a tab's socket. */
function texts(tab: Tab): string[] {
  return tab.frames(String.raw`App\Events\MessageSent`).map(frame => JSON.parse(frame.data!).text)
}
