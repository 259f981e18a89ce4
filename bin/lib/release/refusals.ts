/** Why this checkout must not become a release. */
import { readFileSync } from 'node:fs'
import { type Section, sectionOf } from './changelog.ts'
import { tagOf } from './commit.ts'
import { git, taggedCommit } from './git.ts'

/** How many files are listed. */
const maxShown = 10

/** All reasons at once, or the section of the version in CHANGELOG.md. */
export function section(version: string): Section | string[] {
  const found = sectionOf(version, readFileSync('CHANGELOG.md', 'utf8'))
  const reasons = [...uncommitted(), ...notUpgraded(version), ...(typeof found === 'string' ? [found] : [])]
  return reasons.length > 0 || typeof found === 'string' ? reasons : found
}

/** A tag stays where it is: Packagist and those who have installed the version know that commit. */
export function taggedElsewhere(version: string, commit: string): string[] {
  const tag = tagOf(version)
  const tagged = taggedCommit(tag)
  if (tagged === undefined || tagged === commit) return []
  return [`The tag ${tag} is at another commit, ${tagged.slice(0, 7)}: raise "version" in package.json`]
}

/** What has changed since the release was built, while its tests ran. */
export function changedSince(commit: string): string[] {
  const now = git(['rev-parse', 'HEAD'])
  const moved = now === commit ? [] : [`HEAD was ${commit.slice(0, 7)} when this began, and is ${now.slice(0, 7)}: begin again`]
  return [...moved, ...uncommitted()]
}

/** Files that are neither committed nor ignored may be missing in the release, or may have changed what was built. */
function uncommitted(): string[] {
  const files = git(['-c', 'core.quotePath=false', 'status', '--porcelain', '--untracked-files=all'])
    .split('\n')
    .filter(line => line !== '')
  if (files.length === 0) return []
  const more = files.length > maxShown ? [`… and ${files.length - maxShown} more`] : []
  return [['The tree is not clean. Commit, or remove:', ...files.slice(0, maxShown), ...more].join('\n    ')]
}

function notUpgraded(version: string): string[] {
  return /^## Unreleased\b/im.test(readFileSync('UPGRADING.md', 'utf8'))
    ? [`UPGRADING.md has a section "Unreleased": what it lists belongs to ${version}`]
    : []
}
