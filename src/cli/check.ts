import { defineCommand } from 'citty'
import { check as checkDocument, listFindings } from '../runtime/check.ts'

export const check = defineCommand({
  meta: { name: 'check', description: 'Validate a configuration document, without starting a server.' },
  args: {
    config: { type: 'string', description: 'File with the configuration document; without it, stdin', valueHint: 'FILE' },
    log: { type: 'enum', options: ['text', 'json'], description: 'The format of the output: text, or one JSON object a line' },
    json: { type: 'boolean', description: 'Print the faults and warnings as one list in JSON, in place of a log' },
  },
  async run({ args }) {
    process.exit(await (args.json ? listFindings(args.config) : checkDocument(args.config, args.log)))
  },
})
