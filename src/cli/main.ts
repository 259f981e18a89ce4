#!/usr/bin/env bun
import { defineCommand, runMain } from 'citty'
import { version } from '../../package.json'
import { check } from './check.ts'
import { start } from './start.ts'

const main = defineCommand({
  meta: { name: 'revurb', version, description: 'A WebSocket server for Laravel that speaks the Pusher protocol.' },
  subCommands: { start, check },
})

await runMain(main)
