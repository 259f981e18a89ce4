import { setDefaultTimeout } from 'bun:test'
import { chatTests } from '../support/demo/chat-tests.ts'
import { Demo } from '../support/demo/demo.ts'

setDefaultTimeout(180_000)

chatTests('the chat, as demo/run serves it', () => Demo.start())
