import { defineCommand } from 'citty'
import { check as checkDocument } from '../runtime/check.ts'

export const check = defineCommand({
  meta: { name: 'check', description: 'Validate a configuration document, without starting a server.' },
  args: {
    config: { type: 'string', description: 'File with the configuration document; without it, stdin', valueHint: 'FILE' },
    log: { type: 'enum', options: ['text', 'json'], description: 'The format of the output: text, or one JSON object a line' },
  },
  async run({ args }) {
    process.exit(await checkDocument(args.config, args.log))
  },
})
