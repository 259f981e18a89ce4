import { describe, setDefaultTimeout } from 'bun:test'
import { chatTests } from '../e2e/support/chat.ts'
import { lacks, without, withoutRoot } from './support/lacks.ts'
import { ServedDemo } from './support/served-demo.ts'

setDefaultTimeout(180_000)

const leftOut = lacks(
  'the demo as it is served in earnest',
  without('nginx', 'nginx-light'),
  without('supervisord', 'supervisor'),
  withoutRoot,
)

describe.skipIf(leftOut)('the demo with the files of reverb:install --stubs', () => {
  chatTests('the chat, behind nginx and under Supervisor', () => ServedDemo.start())
})
