/** CHANGELOG.md by version. */

export type Section = { readonly date: string; readonly text: string }

/** What a version has changed, or why that is not written as a release needs it. */
export function sectionOf(version: string, changelog: string): Section | string {
  const sections = changelog.split(/^(?=## )/m).slice(1)
  const unreleased = sections.find(section => /^## Unreleased\b/i.test(section))
  if (unreleased !== undefined) return `CHANGELOG.md has a section "Unreleased": what it lists belongs to ${version}`
  const section = sections.find(candidate => candidate.startsWith(`## ${version} `) || candidate.startsWith(`## ${version}\n`))
  if (section === undefined) return `CHANGELOG.md has no section of ${version}: add "## ${version} (YYYY-MM-DD)"`
  const [heading, ...lines] = section.split('\n')
  const date = /^## \S+ \((\d{4}-\d{2}-\d{2})\)$/.exec(heading!)?.[1]
  if (date === undefined || Number.isNaN(Date.parse(date)))
    return `CHANGELOG.md has no date of ${version}: the heading is "## ${version} (YYYY-MM-DD)"`
  const text = lines.join('\n').trim()
  return text === '' ? `CHANGELOG.md says nothing about ${version}` : { date, text }
}
