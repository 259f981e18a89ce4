import { expect, spyOn, test } from 'bun:test'
import { newSocketId } from '../../src/server/socket-id.ts'
import { TestServer } from '../support/server.ts'

test('a socket id is two numbers from 1 to 1,000,000,000', () => {
  const ids = Array.from({ length: 20_000 }, () => newSocketId(() => false))
  const numbers = ids.flatMap(id => id.split('.').map(Number))
  expect(ids.every(id => /^[1-9]\d*\.[1-9]\d*$/.test(id))).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
  expect(Math.max(...numbers)).toBeLessThanOrEqual(1_000_000_000)
  // Of 40,000 numbers that are as likely as each other, more than 19,000 are in each half, but for one case in 10^23.
  const upper = numbers.filter(number => number > 500_000_000).length
  expect(upper).toBeGreaterThan(19_000)
  expect(upper).toBeLessThan(21_000)
})

test('socket ids come from the cryptographic generator, many at once', async () => {
  const cryptographic = spyOn(crypto, 'getRandomValues')
  const guessable = spyOn(Math, 'random')
  for (let i = 0; i < 2560; i++) newSocketId(() => false)
  expect(cryptographic.mock.calls.length).toBeGreaterThanOrEqual(10)
  expect(cryptographic.mock.calls.length).toBeLessThan(15)
  await using server = new TestServer()
  guessable.mockImplementation(() => 0.5)
  const client = await server.connect()
  guessable.mockRestore()
  cryptographic.mockRestore()
  expect(client.socketId).toMatch(/^\d+\.\d+$/)
  expect(client.socketId).not.toBe('500000001.500000001')
})

test('a socket id that is in use is given to no other socket', () => {
  const asked: string[] = []
  expect(newSocketId(id => asked.push(id) < 3)).toBe(asked[2]!)
})
