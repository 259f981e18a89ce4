#!/usr/bin/env bun
import { defineCommand, runMain } from 'citty'
import { version } from '../../package.json'

// Each command is evaluated when it runs: `health` runs every few seconds, and needs neither the server nor its Redis client.
const main = defineCommand({
  meta: { name: 'revurb', version, description: 'A WebSocket server for Laravel that speaks the Pusher protocol.' },
  subCommands: {
    start: async () => (await import('./start.ts')).start,
    check: async () => (await import('./check.ts')).check,
    health: async () => (await import('./health.ts')).health,
  },
})

await runMain(main)
