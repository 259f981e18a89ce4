import { defineCommand } from 'citty'
import { check as checkDocument } from '../runtime/check.ts'

export const check = defineCommand({
  meta: { name: 'check', description: 'Say what is wrong with a configuration document, and start nothing.' },
  args: {
    config: { type: 'string', description: 'File with the configuration document; without it, stdin', valueHint: 'FILE' },
    log: { type: 'enum', options: ['text', 'json'], description: 'The form of the output: text, or one JSON object a line' },
  },
  async run({ args }) {
    process.exit(await checkDocument(args.config, args.log))
  },
})
