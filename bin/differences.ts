#!/usr/bin/env bun
/**
 * Writes `docs/differences.md`: one row for each intended difference from Reverb, from `differences.json` (found by the
 * recordings) and `beyond.json` (covered by tests of their own). With `--check`, exits 1 when the page is not up to date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Allowed } from '../test/compat/lib/allowed.ts'

type Row = { id: string; topic: string; reverb: string; revurb: string; why: string; pinnedBy: string }

const root = join(import.meta.dir, '..')
const compat = join(root, 'test/compat')
const page = join(root, 'docs/differences.md')

const introduction = `# Differences from Laravel Reverb

This page lists every intended difference from Laravel Reverb, with the rule that Revurb follows and what that means for you. If your
application relies on the behaviour in the second column, you find here what Revurb does instead.

${read<unknown[]>('recordings/reverb-1.10.2/META.json', 'scenarios')} scenarios were recorded from the real Reverb ([versions](tested-with.md)) and are played against Revurb in every test run.
A difference that is not listed fails the tests, and so does a listed one that no longer occurs.

The last column names the groups of recorded scenarios in which a difference occurs, or the test that covers it.
The first column has its id in \`test/compat/differences.json\` or \`test/compat/beyond.json\`, from which \`make differences\` generates this page.
`

const text = `${introduction}\n${table(rows())}`
if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  console.error('docs/differences.md is not up to date: run make differences')
  process.exit(1)
}

function rows(): Row[] {
  const recorded = read<Allowed[]>('differences.json').map(entry => ({ ...entry, pinnedBy: `recordings: ${groupsOf(entry)}` }))
  const beyond = read<Row[]>('beyond.json')
  for (const { id, pinnedBy } of beyond) {
    if (!existsSync(join(root, pinnedBy))) throw new Error(`${id}: there is no ${pinnedBy}`)
  }
  const all = [...recorded, ...beyond.map(entry => ({ ...entry, pinnedBy: `\`${entry.pinnedBy}\`` }))]
  const twice = all.find(({ id }, i) => all.findIndex(entry => entry.id === id) !== i)
  if (twice !== undefined) throw new Error(`${twice.id} is listed twice`)
  return all
}

/** The groups of scenarios in which a difference occurs. */
function groupsOf({ id, occurrences }: Allowed): string {
  const groups = [...new Set(occurrences.map(({ scenario }) => scenario.split('/')[0]!))].sort()
  if (groups.length === 0) throw new Error(`${id} has no occurrences`)
  return groups.includes('*') ? 'all' : groups.join(', ')
}

function table(list: Row[]): string {
  const sections = [...Map.groupBy(list, entry => entry.topic)].map(([topic, entries]) => {
    const lines = entries.map(
      ({ id, reverb, revurb, why, pinnedBy }) => `| ${[`\`${id}\``, reverb, revurb, why, pinnedBy].map(cell).join(' | ')} |`,
    )
    return `## ${topic}\n\n| | Reverb | Revurb | Rule and consequence | Tested by |\n|---|---|---|---|---|\n${lines.join('\n')}\n`
  })
  return sections.join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function read<T>(name: string, key?: string): T {
  const value = JSON.parse(readFileSync(join(compat, name), 'utf8')) as Record<string, unknown>
  return (key === undefined ? value : value[key]) as T
}
