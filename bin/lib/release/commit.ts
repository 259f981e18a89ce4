/**
 * The commit that the tag of a version names: HEAD, and what is built from it. Packagist, which hands out tags, has the built
 * server through it; the branch stays without built files.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homepage } from '../../../composer.json'
import type { Built } from './distribution.ts'
import { git, gitBytes } from './git.ts'
import { withAbsoluteLinks } from './links.ts'

export type Commit = { readonly id: string; readonly source: string; readonly date: Date }

const composer = 'composer.json'

/** The same HEAD and the same built files make the same commit: its author and its times are those of HEAD. */
export function releaseCommit(version: string, built: readonly Built[]): Commit {
  const scratch = mkdtempSync(join(tmpdir(), 'revurb-index-'))
  try {
    const index = new Index(join(scratch, 'index'))
    for (const { name, content, isExecutable } of built) index.add(`dist/${name}`, content, isExecutable)
    index.add(composer, new TextEncoder().encode(withVersion(index.text(composer), version)))

    const packaged = new Set(archived(index.tree()))
    const place = { packaged, tracked: new Set(index.files()), repository: homepage, tag: tagOf(version) }
    for (const file of packaged) {
      if (!file.endsWith('.md')) continue
      const text = index.text(file)
      const absolute = withAbsoluteLinks(text, { ...place, file })
      if (absolute !== text) index.add(file, new TextEncoder().encode(absolute))
    }
    return committed(version, index.tree())
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** A text of CHANGELOG.md for a page that is not in the repository. */
export function readAnywhere(changes: string, version: string): string {
  const tracked = new Set(git(['ls-files', '-z']).split('\0'))
  return withAbsoluteLinks(changes, {
    file: 'CHANGELOG.md',
    packaged: new Set(),
    tracked,
    repository: homepage,
    tag: tagOf(version),
  })
}

export function tagOf(version: string): string {
  return `v${version}`
}

/** Composer has the version of a tag from its name; that of an archive or a folder comes from here alone. */
function withVersion(json: string, version: string): string {
  return json.replace(/^( *)"name": .*\n/m, (line, indent) => `${line}${indent}"version": "${version}",\n`)
}

function committed(version: string, tree: string): Commit {
  const source = git(['rev-parse', 'HEAD'])
  const [name, email, date, committer, committerEmail, committerDate] = git([
    'log',
    '-1',
    '--no-show-signature',
    '--format=%an%n%ae%n%aI%n%cn%n%ce%n%cI',
  ]).split('\n') as [string, string, string, string, string, string]
  const message = `Release ${version}\n\nThe files of ${source}, with what \`make release\` builds from them.\n`
  const id = git(['-c', 'i18n.commitEncoding=UTF-8', 'commit-tree', tree, '-p', source], {
    input: new TextEncoder().encode(message),
    env: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: committer,
      GIT_COMMITTER_EMAIL: committerEmail,
      GIT_COMMITTER_DATE: committerDate,
    },
  })
  return { id, source, date: new Date(committerDate) }
}

/** The paths that an archive has, which are all but those that .gitattributes leaves out. */
function archived(tree: string): string[] {
  const { stdout } = Bun.spawnSync(['tar', '-t'], { stdin: gitBytes(['archive', '--format=tar', tree]) })
  return stdout
    .toString()
    .split('\n')
    .filter(path => path !== '' && !path.endsWith('/'))
}

/** An index beside the one of the checkout, which stays as it is. */
class Index {
  private readonly env: Record<string, string>

  constructor(file: string) {
    this.env = { GIT_INDEX_FILE: file }
    git(['read-tree', 'HEAD'], { env: this.env })
  }

  add(path: string, content: Uint8Array, isExecutable = false): void {
    const id = git(['hash-object', '-w', '--stdin'], { input: content })
    const entry = `${isExecutable ? '100755' : '100644'},${id},${path}`
    git(['update-index', '--add', '--cacheinfo', entry], { env: this.env })
  }

  text(path: string): string {
    return new TextDecoder().decode(gitBytes(['cat-file', 'blob', `:${path}`], { env: this.env }))
  }

  files(): string[] {
    return git(['ls-files', '-z'], { env: this.env }).split('\0')
  }

  tree(): string {
    return git(['write-tree'], { env: this.env })
  }
}
