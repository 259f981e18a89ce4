/** Every environment variable in the documentation exists, and every one that the code reads is documented. */
import { describe, expect, test } from 'bun:test'
import { inProduct, inTools, isKnown, namesOn, readByProduct, readByTools } from './support/names.ts'
import { all, at, inside, outside } from './support/pages.ts'

/** Names that are no variables of ours, with the reason. */
const others: Readonly<Record<string, string>> = {}

describe('Environment variables', () => {
  test.each(all.map(page => [page.file, page] as const))('every name in %s exists in the code', (_, page) => {
    const known = inside.includes(page) ? new Set([...inProduct, ...inTools]) : inProduct
    const unknown = namesOn(page).filter(({ name }) => !isKnown(name, known) && !(name in others))
    expect(unknown.map(found => `${at(page, found)}: ${found.name}`)).toEqual([])
  })

  test('every one that the package or the server reads is documented for users', () => {
    const documented = new Set(outside.flatMap(namesOn).map(({ name }) => name))
    expect(readByProduct.filter(name => !documented.has(name))).toEqual([])
    expect(readByProduct.length).toBeGreaterThan(40)
  })

  test('every one that the tools and tests read is documented for contributors', () => {
    const documented = new Set(inside.flatMap(namesOn).map(({ name }) => name))
    expect(readByTools.filter(name => !documented.has(name))).toEqual([])
  })

  test('every exception is needed', () => {
    const named = new Set(all.flatMap(namesOn).map(({ name }) => name))
    expect(Object.keys(others).filter(name => !named.has(name) || inProduct.has(name))).toEqual([])
  })
})
