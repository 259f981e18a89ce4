import { describe, expect, test } from 'bun:test'
import { floods } from './floods.ts'
import { parse } from './options.ts'
import { peaks } from './peaks.ts'
import { scenarios } from './scenarios/all.ts'

function parsed(...args: string[]) {
  const options = parse(args)
  if (typeof options === 'string') throw new Error(options)
  return options
}

describe('the command line of the attack', () => {
  test('plays everything without an option: floods for 20 seconds each, scenarios for ten minutes', () => {
    const usual = { seconds: 20, scenarioSeconds: 600, isShared: false }
    expect(parsed()).toMatchObject({ help: false, floods, peaks, scenarios, ...usual })
    expect(parsed().against).toBeUndefined()
  })

  test('chooses floods, peaks and scenarios by name', () => {
    const { floods, peaks, scenarios } = parsed('--only', 'publishes,redis-hung,up,text')
    expect([...floods, ...peaks, ...scenarios].map(({ id }) => id)).toEqual(['text', 'up', 'publishes', 'redis-hung'])
  })

  test('sets rounds, seconds, a shared machine and another build', () => {
    const options = parsed('--rounds', '2', '--seconds', '0.5', '--scenario-seconds', '5', '--shared', '--against', '/srv/other')
    expect(options).toMatchObject({ rounds: 2, seconds: 0.5, scenarioSeconds: 5, isShared: true, against: '/srv/other' })
  })

  test.each(['--only=nothing', '--rounds=x', '--rounds=1.5', '--seconds=0', '--scenario-seconds=0', '--fast', 'text'])(
    'refuses %s',
    arg => {
      expect(parse([arg])).toContain('make attack')
    },
  )
})
