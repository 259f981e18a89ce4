import { describe, expect, test } from 'bun:test'
import { floods } from './floods.ts'
import { parse } from './options.ts'
import { peaks } from './peaks.ts'

function parsed(...args: string[]) {
  const options = parse(args)
  if (typeof options === 'string') throw new Error(options)
  return options
}

describe('the command line', () => {
  test('plays everything for 20 seconds each without an option', () => {
    expect(parsed()).toMatchObject({ help: false, floods, peaks, seconds: 20, isShared: false })
    expect(parsed().against).toBeUndefined()
  })

  test('chooses floods and peaks by name', () => {
    const { floods, peaks } = parsed('--only', 'publishes,up,text')
    expect([...floods, ...peaks].map(({ id }) => id)).toEqual(['text', 'up', 'publishes'])
  })

  test('takes rounds, seconds, a shared machine and another build', () => {
    const options = parsed('--rounds', '2', '--seconds', '0.5', '--shared', '--against', '/srv/other')
    expect(options).toMatchObject({ rounds: 2, seconds: 0.5, isShared: true, against: '/srv/other' })
  })

  test.each(['--only=nothing', '--rounds=x', '--rounds=1.5', '--seconds=0', '--fast', 'text'])('refuses %s', arg => {
    expect(parse([arg])).toContain('make attack')
  })
})
