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
  readonly suite: Outcome
  readonly comparison: Outcome
}

const suite: Record<Outcome, string> = {
  done: 'It was tested with it: the release suite has passed.',
  impossible: 'The release suite could not run.',
  skipped: '**The release suite was left out. This is a trial, not a release.**',
}

const comparison: Record<Outcome, string> = {
  done: 'The SHA-512 of each of its executables in this package is that of the archives of its release on GitHub.',
  impossible:
    '**The SHA-512 of its executables in this package come from the npm packages of Bun. They could not be compared with the archives of its release on GitHub when this package was made.**',
  skipped: '**Whether the SHA-512 of its executables are those of GitHub was not looked at. This is a trial, not a release.**',
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

The archive has the files of the tag. Both come from commit ${commit.source}: \`make release\` writes the same bytes from it, and the same commit for the tag, ${commit.id}.
\`dist/LICENSES.txt\` has the licences of what is bundled, \`dist/revurb.cdx.json\` lists it (CycloneDX).

## Bun

The server was bundled with Bun ${bun}. ${suite[facts.suite]} ${comparison[facts.comparison]}
`
}
