import { describe, setDefaultTimeout } from 'bun:test'
import { chatTests } from '../support/demo/chat-tests.ts'
import { cannotRun, missingProgram, withoutRoot } from '../support/requirements.ts'
import { ServedDemo } from './support/served-demo.ts'

setDefaultTimeout(180_000)

const isSkipped = cannotRun(
  'the demo behind nginx and under Supervisor',
  missingProgram('nginx', 'nginx-light'),
  missingProgram('supervisord', 'supervisor'),
  withoutRoot,
)

describe.skipIf(isSkipped)('the demo with the files of reverb:install --stubs', () => {
  chatTests('the chat, behind nginx and under Supervisor', () => ServedDemo.start())
})
