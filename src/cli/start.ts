import { defineCommand } from 'citty'
import { run } from '../runtime/run.ts'

export const start = defineCommand({
  meta: { name: 'start', description: 'Serve, with the configuration document from stdin or a file.' },
  args: {
    config: {
      type: 'string',
      description: 'File with the configuration document; without it, the first line of stdin',
      valueHint: 'FILE',
    },
  },
  async run({ args }) {
    process.exit(await run(args.config))
  },
})
