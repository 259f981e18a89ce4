import { describe, expect, test } from 'bun:test'
import { parse } from '../options.ts'
import { scenarios } from '../scenarios/all.ts'

function parsed(...args: string[]) {
  const options = parse(args)
  if (typeof options === 'string') throw new Error(options)
  return options
}

describe('the command line', () => {
  test('is quick without a word, and leaves the document alone', () => {
    const { mode, chosen, writesPage, command } = parsed()
    expect([mode.name, chosen.length, writesPage, command]).toEqual(['quick', scenarios.length, false, 'make bench'])
  })

  test('writes the document when everything was measured', () => {
    expect(parsed('--full').writesPage).toBe(true)
    expect(parsed('--full', '--only', 'posts').writesPage).toBe(false)
  })

  test('can write the page without measuring', () => {
    expect([parsed('--page').onlyPage, parsed('--full').onlyPage]).toEqual([true, false])
  })

  test('keeps the results of all scenarios apart from those of some', () => {
    expect(parsed('--full').resultsName).toBe('full')
    expect(parsed().resultsName).toBe('quick')
    expect(parsed('--full', '--only', 'posts').resultsName).toBe('partial')
  })

  test('chooses scenarios, rounds and seconds', () => {
    const { mode, chosen } = parsed('--only', 'whispers,posts', '--rounds', '2', '--seconds', '0.1')
    expect(chosen.map(({ id }) => id)).toEqual(['posts', 'whispers'])
    expect(mode).toMatchObject({ name: 'quick', rounds: 2, seconds: 0.1 })
  })

  test('shows nobody where an application is', () => {
    expect(parsed('--full', '--reverb', '/home/ann/app').command).toBe('make bench BENCH="--full --reverb DIR"')
    expect(parsed('--reverb=/home/ann/app').command).toBe('make bench BENCH="--reverb=DIR"')
  })

  test.each(['--only=nothing', '--rounds=x', '--seconds=0', '--fast'])('refuses %s', arg => {
    expect(parse([arg])).toContain('make bench')
  })
})
