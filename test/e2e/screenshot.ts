// Makes docs/chat.png: `bun test/e2e/screenshot.ts`.

import { resolve } from 'node:path'
import { launchBrowser } from '../support/browser.ts'
import { Tab } from '../support/demo/chat-tab.ts'
import { Demo } from '../support/demo/demo.ts'

const file = resolve(import.meta.dir, '../../docs/chat.png')

const browser = await launchBrowser()
const demo = await Demo.start()
try {
  const view = { viewport: { width: 1080, height: 760 }, deviceScaleFactor: 2, colorScheme: 'light', locale: 'en-GB' }
  const ada = await Tab.open(browser, demo.url, 'Ada', view)
  const grace = await Tab.open(browser, demo.url, 'Grace')

  await demo.artisan('chat:say', 'The room is open. Say hello!')
  await ada.sees('The room is open. Say hello!')
  await grace.say('Morning! I moved our app from Reverb last night.')
  await grace.say('Changed nothing but composer.json.')
  await ada.sees('Changed nothing but composer.json.')
  await ada.say('And the front end?')
  await grace.sees('And the front end?')
  await grace.say('Still Echo and pusher-js, as it was.')
  await ada.sees('Still Echo and pusher-js, as it was.')
  await ada.say('Then I’ll try it on ours before lunch.')
  await grace.sees('Then I’ll try it on ours before lunch.')
  await grace.page.locator(`[data-member="${ada.id}"] button`).click()
  await ada.sees('Grace waves at you.')
  await grace.type('Ask me')
  await ada.seesTyping('Grace is typing')

  await ada.page.screenshot({ path: file })
  console.log(`Wrote ${file}`)
} finally {
  await browser.close()
  await demo.stop()
}
