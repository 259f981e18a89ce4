import { expect, test } from 'bun:test'
import { TextBuffer } from '../../src/cluster/buffer.ts'

test('texts wait in their order, and the oldest go when they are too many', () => {
  const buffer = new TextBuffer(10)
  for (const text of ['aaaa', 'bbbb', 'cc']) buffer.add(text)
  expect(buffer.dropped).toBe(0)
  buffer.add('d')
  expect(buffer.dropped).toBe(1)
  buffer.add('eeeeeeeeee')
  expect(buffer.dropped).toBe(4)
  expect(buffer.take()).toEqual(['eeeeeeeeee'])
  expect(buffer.take()).toEqual([])
  buffer.add('fffffffffff')
  expect(buffer.take()).toEqual([])
  expect(buffer.dropped).toBe(5)
  buffer.add('g')
  expect(buffer.take()).toEqual(['g'])
})
