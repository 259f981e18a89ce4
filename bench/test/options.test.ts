import { describe, expect, test } from 'bun:test'
import { parse } from '../options.ts'
import { scenarios } from '../scenarios/all.ts'

function parsed(...args: string[]) {
  const options = parse(args)
  if (typeof options === 'string') throw new Error(options)
  return options
}

describe('the options of make bench', () => {
  test('are those of a quick run by default, which does not write the page', () => {
    const { mode, selected, writesPage, command } = parsed()
    expect([mode.name, selected.length, writesPage, command]).toEqual(['quick', scenarios.length, false, 'make bench'])
  })

  test('write the page only after a full run of all scenarios', () => {
    expect(parsed('--full').writesPage).toBe(true)
    expect(parsed('--full', '--only', 'posts').writesPage).toBe(false)
  })

  test('can write the page without measuring', () => {
    expect([parsed('--page').onlyPage, parsed('--full').onlyPage]).toEqual([true, false])
  })

  test('name the file of results by what was measured', () => {
    expect(parsed('--full').resultsName).toBe('full')
    expect(parsed().resultsName).toBe('quick')
    expect(parsed('--full', '--only', 'posts').resultsName).toBe('partial')
  })

  test('select scenarios, rounds and seconds', () => {
    const { mode, selected } = parsed('--only', 'whispers,posts', '--rounds', '2', '--seconds', '0.1')
    expect(selected.map(({ id }) => id)).toEqual(['posts', 'whispers'])
    expect(mode).toMatchObject({ name: 'quick', rounds: 2, seconds: 0.1 })
  })

  test('leave the path of an application out of the command', () => {
    expect(parsed('--full', '--reverb', '/home/ann/app').command).toBe('make bench BENCH="--full --reverb DIR"')
    expect(parsed('--reverb=/home/ann/app').command).toBe('make bench BENCH="--reverb=DIR"')
  })

  test.each(['--only=nothing', '--rounds=x', '--seconds=0', '--fast'])('are refused, with the usage: %s', arg => {
    expect(parse([arg])).toContain('make bench')
  })
})
