/** What users of the demo see, whichever way the demo is served. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../browser.ts'
import { commandLine, runs } from '../processes.ts'
import { until } from '../until.ts'
import { Tab } from './chat-tab.ts'
import { START_MS } from './demo.ts'

/** The demo, once it is served. */
export interface Chat {
  readonly url: string
  readonly env: Record<string, string>
  /** The ids of all processes that serve it. */
  readonly pids: number[]
  artisan(...args: string[]): Promise<string>
  /** What the processes that serve it have printed. */
  log(): string
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

    test('a message reaches the other tab; the tab that sent it gets it with the response', async () => {
      const bothSee = async (text: string) => {
        const [first, second] = await Promise.allSettled([ada.sees(text), grace.sees(text)])
        const missed = [first, second].flatMap(look => (look.status === 'rejected' ? [String(look.reason)] : []))
        if (missed.length > 0) throw new Error([...missed, demo.log()].join('\n'))
      }
      await ada.say('Good morning, Grace')
      await bothSee('Good morning, Grace')
      await grace.say('Good morning, Ada')
      await bothSee('Good morning, Ada')
      // Whatever else their sockets were sent has come before that.
      await demo.artisan('chat:say', 'Good morning to both')
      await bothSee('Good morning to both')

      const messages = ['Good morning, Grace', 'Good morning, Ada', 'Good morning to both']
      expect((await ada.messages()).slice(-3)).toEqual(messages)
      expect((await grace.messages()).slice(-3)).toEqual(messages)
      // toOthers(): the page would hide a message that came twice, the socket would not.
      await until('the frames of both sockets are seen', () => [ada, grace].every(tab => texts(tab).includes(messages[2]!)))
      expect(texts(ada)).toEqual(['Good morning, Ada', 'Good morning to both'])
      expect(texts(grace)).toEqual(['Good morning, Grace', 'Good morning to both'])
    })

    test('the list of members is updated when a user joins or leaves', async () => {
      for (const tab of [ada, grace]) await tab.seesMembers('Ada', 'Grace')

      const alan = await Tab.open(browser, demo.url, 'Alan')
      for (const tab of [ada, grace, alan]) await tab.seesMembers('Ada', 'Alan', 'Grace')

      await alan.close()
      for (const tab of [ada, grace]) await tab.seesMembers('Ada', 'Grace')
    })

    test('a second tab of a user adds no second member', async () => {
      const again = await Tab.open(browser, demo.url, 'Grace')
      await again.seesMembers('Ada', 'Grace')

      await again.close()
      const alan = await Tab.open(browser, demo.url, 'Alan')
      await ada.seesMembers('Ada', 'Alan', 'Grace')
      await alan.close()

      const about = (event: string) => ada.frames(event).map(frame => Number(JSON.parse(frame.data!).user_id))
      await until('Ada sees Alan go', () => about('pusher_internal:member_removed').length > 0)
      expect(about('pusher_internal:member_added').filter(id => id === grace.id)).toHaveLength(1)
      expect(about('pusher_internal:member_removed')).toEqual([alan.id])
    })

    test('typing is whispered to the other users, and to no other channel', async () => {
      const seen = grace.seesTyping('Ada is typing')
      await ada.type('Hm')
      await seen
      await grace.say('Go on')
      await ada.sees('Go on')

      await ada.seesTyping('')
      // Grace typed as well. The server does not send Ada's own whispers back to her: all that her socket received are of Grace.
      await until('Ada’s socket has received a whisper', () => ada.frames('client-typing').length > 0)
      expect(new Set(ada.frames('client-typing').map(frame => Number(frame.user_id)))).toEqual(new Set([grace.id]))
    })

    test('only its user can subscribe to a private channel', async () => {
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

    test('a notification from the console reaches only its user', async () => {
      await demo.artisan('chat:notice', 'Ada', 'Your tea is ready')
      await ada.sees('Your tea is ready')
      await demo.artisan('chat:notice', 'Grace', 'Your coffee is ready')
      await grace.sees('Your coffee is ready')

      expect(await ada.notices()).toEqual(['Your tea is ready'])
      expect(await grace.notices()).toEqual(['Your coffee is ready'])
      const notices = () => grace.frames(String.raw`App\Events\NoticeSent`)
      await until('the frame is seen', () => notices().length > 0)
      expect(notices()).toHaveLength(1)
    })

    test('a wave from one browser reaches the other one', async () => {
      await grace.page.locator(`[data-member="${ada.id}"] button`).click()
      await ada.sees('Grace waves at you.')

      expect(await grace.notices()).toEqual([])
    })

    test('a message from the console reaches all tabs', async () => {
      await demo.artisan('chat:say', 'The library closes at ten')
      await Promise.all([ada.sees('The library closes at ten'), grace.sees('The library closes at ten')])
    })

    test('after reverb:restart the tabs reconnect by themselves, and miss no message', async () => {
      const server = () => demo.pids.filter(pid => commandLine(pid).includes('revurb.js'))
      const [before] = server()
      await demo.artisan('reverb:restart')
      await until('the old server is gone', () => before !== undefined && !runs(before))
      await demo.artisan('chat:say', 'Still here?')

      // pusher-js: a tab that finds the port closed tries again 15 seconds later.
      await Promise.all([ada.subscribed(), grace.subscribed()])
      expect(server()).not.toContain(before)
      await Promise.all([ada.sees('Still here?'), grace.sees('Still here?')])
      await ada.say('Always')
      await grace.sees('Always')
    })
  })
}

/** The messages that came over a tab's socket. */
function texts(tab: Tab): string[] {
  return tab.frames(String.raw`App\Events\MessageSent`).map(frame => JSON.parse(frame.data!).text)
}
