import { describe, expect, test } from 'bun:test'
import { authority, hostInUrl, listenAddress } from '../../src/server/address.ts'

const place = 'servers.reverb.host (REVERB_SERVER_HOST, --host)'
const portPlace = 'servers.reverb.port (REVERB_SERVER_PORT, --port)'

describe('a configured host', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['127.0.0.1', '127.0.0.1'],
    [' 127.0.0.1 ', '127.0.0.1'],
    ['::', '::'],
    ['[::]', '::'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['[::ffff:127.0.0.1]', '::ffff:127.0.0.1'],
    ['tcp://127.0.0.1', '127.0.0.1'],
    ['tcp://[::1]', '::1'],
    ['localhost', '127.0.0.1'],
    ['LOCALHOST', '127.0.0.1'],
  ])('%j is resolved to %s', async (written, address) => expect(await listenAddress(written)).toBe(address))

  test.each([
    ['http://0.0.0.0', '0.0.0.0'],
    ['https://chat.example.com/ws', 'chat.example.com'],
    ['127.0.0.1:8080', '127.0.0.1'],
    ['[::1]:8080', '::1'],
    ['localhost:8080', 'localhost'],
    ['127.0.0.1/', '127.0.0.1'],
    ['[127.0.0.1]', '127.0.0.1'],
    ['*', '0.0.0.0'],
    [':8080', '0.0.0.0'],
    ['a b', '0.0.0.0'],
    ['/run/revurb.sock', '0.0.0.0'],
    ['-x', '0.0.0.0'],
  ])('%j is rejected with the advice to write %s', async (written, meant) => {
    const said = `${place} is "${written}", and must be an address or a host name alone, without scheme, port and path. Write ${meant}; the port is ${portPlace}.`
    await expect(listenAddress(written)).rejects.toThrow(expect.objectContaining({ name: 'CannotListen', message: said }))
  })

  test('that is a URL with a password is not quoted in the error', async () => {
    const said = await listenAddress('http://user:hush@chat.example.com').catch((error: Error) => error.message)
    expect(said).toStartWith(`${place} is a URL, and must be an address or a host name alone`)
    expect(said).not.toContain('hush')
  })

  test('that does not resolve is rejected', async () => {
    const said = `${place} is "nosuch.invalid", a name that does not resolve on this machine. Write 0.0.0.0 to listen on all its addresses.`
    await expect(listenAddress('nosuch.invalid')).rejects.toThrow(
      expect.objectContaining({ name: 'CannotListen', message: said }),
    )
  })

  test('that is an address of another machine is rejected', async () => {
    const said = `${place} is "192.0.2.1", no address of this machine. Write 0.0.0.0 to listen on all its addresses; the name for clients is servers.reverb.hostname (REVERB_HOST, --hostname).`
    await expect(listenAddress('192.0.2.1')).rejects.toThrow(expect.objectContaining({ name: 'CannotListen', message: said }))
  })

  test('that is tcp:// and such an address is quoted with the address itself', async () => {
    await expect(listenAddress('tcp://192.0.2.1')).rejects.toThrow(
      'is "tcp://192.0.2.1", no address of this machine (192.0.2.1).',
    )
  })
})

test('an IPv6 address stands in brackets before a port', () => {
  expect(authority('127.0.0.1', 80)).toBe('127.0.0.1:80')
  expect(authority('::1', 80)).toBe('[::1]:80')
  expect(hostInUrl('::')).toBe('[::]')
})
