/** The notes of a release, for the page of its tag. */
import type { Commit } from './commit.ts'

/** What was done for a release, or that it was left out. */
export type Outcome = 'done' | 'impossible' | 'skipped'

export type Facts = {
  readonly version: string
  readonly changes: string
  readonly commit: Commit
  readonly archive: { readonly name: string; readonly sha512: string }
  readonly script: { readonly name: string; readonly sha512: string }
  readonly bun: string
  readonly suite: Exclude<Outcome, 'impossible'>
  readonly comparison: Outcome
}

const suite: Record<Facts['suite'], string> = {
  done: 'The release suite has passed with it.',
  skipped: '**The release suite was left out. This is a trial, not a release.**',
}

const comparison: Record<Outcome, string> = {
  done: 'The SHA-512 of each of its executables in this package is that of the archives of its release on GitHub.',
  impossible:
    '**The hashes of its executables in this package (SHA-512) come from the npm packages of Bun. They could not be compared with the archives of its release on GitHub when this package was made.**',
  skipped:
    '**The hashes of its executables in this package were not compared with those of GitHub. This is a trial, not a release.**',
}

export function releaseNotes(facts: Facts): string {
  const { version, changes, commit, archive, script, bun } = facts
  return `# Revurb ${version}

${changes}

## Files

| file | SHA-512 |
|---|---|
| \`${archive.name}\` | \`${archive.sha512}\` |
| \`${script.name}\` in it | \`${script.sha512}\` |

The archive has the files of the tag, commit ${commit.id}. \`make release\` writes both from commit ${commit.source}, everywhere with the same bytes.
\`dist/LICENSES.txt\` has the licences of what is bundled, \`dist/revurb.cdx.json\` lists it (CycloneDX).

## Bun

The server was bundled with Bun ${bun}. ${suite[facts.suite]} ${comparison[facts.comparison]}
`
}
