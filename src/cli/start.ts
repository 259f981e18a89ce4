import { defineCommand } from 'citty'
import { run } from '../runtime/run.ts'

export const start = defineCommand({
  meta: { name: 'start', description: 'Start a server, with the configuration document from stdin or a file.' },
  args: {
    config: {
      type: 'string',
      description: 'File with the configuration document; without it, the first line of stdin',
      valueHint: 'FILE',
    },
    log: {
      type: 'enum',
      options: ['text', 'json'],
      description: 'The format of the log: text, or one JSON object a line; without it, text on a terminal and JSON in a pipe',
    },
  },
  async run({ args }) {
    process.exit(await run(args.config, args.log))
  },
})
