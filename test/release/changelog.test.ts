import { describe, expect, test } from 'bun:test'
import { sectionOf } from '../../bin/lib/release/changelog.ts'

const older = '\n## 0.1.0 (2026-11-01)\n\n- First\n'

describe('The section of a version', () => {
  test('is the text up to the next version, with its date', () => {
    const changelog = `# Changelog\n\n## 0.2.0 (2026-11-29)\n\n### Added\n\n- A\n${older}`
    expect(sectionOf('0.2.0', changelog)).toEqual({ date: '2026-11-29', text: '### Added\n\n- A' })
    expect(sectionOf('0.1.0', changelog)).toEqual({ date: '2026-11-01', text: '- First' })
  })

  test.each([
    ['is missing', `# Changelog\n${older}`, 'has no section of 0.2.0'],
    ['is that of a longer number', `# Changelog\n\n## 0.2.01 (2026-11-29)\n\n- A\n${older}`, 'has no section of 0.2.0'],
    ['has no date', `# Changelog\n\n## 0.2.0\n\n- A\n${older}`, 'has no date of 0.2.0'],
    ['has a date that there is not', `# Changelog\n\n## 0.2.0 (2026-13-01)\n\n- A\n${older}`, 'has no date of 0.2.0'],
    ['is empty', `# Changelog\n\n## 0.2.0 (2026-11-29)\n${older}`, 'says nothing about 0.2.0'],
    [
      'is below changes without a version',
      `# Changelog\n\n## Unreleased\n\n- B\n\n## 0.2.0 (2026-11-29)\n\n- A\n`,
      'has a section "Unreleased"',
    ],
  ])('is refused if it %s', (_, changelog, reason) => {
    expect(sectionOf('0.2.0', changelog)).toContain(reason)
  })
})
