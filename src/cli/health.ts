import { defineCommand } from 'citty'
import { health as askServer, defaultSeconds } from '../runtime/health.ts'

export const health = defineCommand({
  meta: { name: 'health', description: 'Ask a running server for /up: exit code 0 if it answers 200, otherwise 1.' },
  args: {
    config: { type: 'string', description: 'File with the configuration document of the server', valueHint: 'FILE' },
    url: { type: 'string', description: 'Address to ask, such as http://127.0.0.1:8080/up', valueHint: 'URL' },
    timeout: {
      type: 'string',
      description: `Seconds to wait for the answer, ${defaultSeconds} by default`,
      valueHint: 'SECONDS',
    },
  },
  async run({ args }) {
    process.exit(await askServer(args))
  },
})
