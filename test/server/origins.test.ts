/** Which pages an app with `allowed_origins` lets in, by the Origin header as browsers and others send it, at a live server. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { testApp } from '../support/apps.ts'
import { TestServer } from '../support/server.ts'
import { Connection } from '../support/tcp.ts'

const allowedOrigins = [
  'chat.example',
  '*.shop.example',
  'https://exact.example:8443',
  'localhost',
  '[::1]',
  '127.0.0.1',
  'xn--bcher-kva.example',
]
const choosy = testApp({ allowedOrigins })
const lenient = testApp({ id: '1002', key: 'lenient-key', allowedOrigins, allowMissingOrigin: true })

let server: TestServer

beforeAll(() => {
  server = new TestServer({ apps: [choosy, lenient] })
})

afterAll(async () => {
  expect(server.running.traffic.openSockets()).toBe(0)
  expect(server.unexpected).toEqual([])
  await server[Symbol.asyncDispose]()
})

/** What a client with these Origin headers is sent first. */
async function greeting(key: string, ...origins: string[]): Promise<'welcome' | 'refused'> {
  const connection = await Connection.open(server.port)
  const headers = origins.map(origin => `Origin: ${origin}`)
  connection.handshake(`/app/${key}`, headers)
  const first = await connection.until(/* of either frame */ '"}')
  const outcome = first.includes('pusher:connection_established') ? 'welcome' : 'refused'
  if (outcome === 'refused') {
    expect(first).toContain('{"event":"pusher:error","data":"{\\"code\\":4009,\\"message\\":\\"Origin not allowed\\"}')
    await connection.until(Buffer.from([0x0f, 0xa9, ...Buffer.from('Origin not allowed')]))
  }
  connection.destroy()
  await connection.ended
  return outcome
}

describe('allowed_origins accepts', () => {
  test.each([
    ['https://chat.example'],
    ['http://chat.example'],
    ['https://chat.example:8443'],
    ['http://chat.example:80'],
    ['https://user@chat.example'],
    ['https://user:password@chat.example'],
    ['capacitor://localhost'],
    ['ionic://localhost'],
    ['http://localhost:3000'],
    ['http://[::1]'],
    ['http://[::1]:3000'],
    ['http://127.0.0.1:8000'],
    ['https://eu.shop.example'],
    ['https://a.b.shop.example:444'],
    ['https://exact.example:8443'],
    ['https://xn--bcher-kva.example'],
  ])('%s', async origin => {
    expect(await greeting(choosy.key, origin)).toBe('welcome')
  })
})

describe('allowed_origins refuses', () => {
  test.each([
    ['another host', 'https://evil.example'],
    ['a host that ends with it', 'https://evilchat.example'],
    ['a host that begins with it', 'https://chat.example.evil.example'],
    ['it as a subdomain', 'https://chat.example.evil'],
    ['a subdomain, where the pattern has none', 'https://www.chat.example'],
    ['the host without the subdomain of the pattern', 'https://shop.example'],
    ['a host that ends like the subdomains', 'https://evilshop.example'],
    ['an empty subdomain in a host of its own', 'https://shop.example.evil'],
    ['it in upper case', 'https://CHAT.EXAMPLE'],
    ['it with a dot behind', 'https://chat.example.'],
    ['a subdomain with a dot behind', 'https://eu.shop.example.'],
    ['it in the path', 'https://evil.example/chat.example'],
    ['it in the path, as a user', 'https://evil.example/@chat.example'],
    ['it in the query', 'https://evil.example?chat.example'],
    ['it in the query, as a user', 'https://evil.example?@chat.example'],
    ['it in the fragment', 'https://evil.example#chat.example'],
    ['it in the fragment, as a user', 'https://evil.example#@chat.example'],
    ['it as the user', 'https://chat.example@evil.example'],
    ['it as the password', 'https://user:chat.example@evil.example'],
    ['it as the scheme', 'chat.example://evil.example'],
    ['it behind a backslash', 'https://evil.example\\@chat.example'],
    ['it behind a backslash, with a subdomain', 'https://evil.example\\.shop.example'],
    ['its port in the place of the host', 'https://:8443'],
    ['another port than that of the pattern', 'https://exact.example:8444'],
    ['no port, where the pattern has one', 'https://exact.example'],
    ['another scheme than that of the pattern', 'http://exact.example:8443'],
    ['the port of the pattern and a digit more', 'https://exact.example:84430'],
    ['the letters that are written so in Punycode', 'https://b\u00fccher.example'],
    ['look-alikes from Cyrillic', 'https://\u0441hat.example'],
    ['full-width letters', 'https://\uff43hat.example'],
    ['a soft hyphen', 'https://ch\u00adat.example'],
    ['an encoded dot', 'https://chat%2Eexample'],
    ['another character in the place of the dot', 'https://chatxexample'],
    ['IPv6 written out', 'http://[0:0:0:0:0:0:0:1]'],
    ['another address of IPv6', 'http://[::2]'],
    ['an address of IPv6 that begins with it', 'http://[::1]evil.example'],
    ['IPv4 in IPv6', 'http://[::ffff:127.0.0.1]'],
    ['IPv4 as a number', 'http://2130706433'],
    ['IPv4 in short', 'http://127.1'],
    ['a host that begins with the address', 'http://127.0.0.1.evil.example'],
    ['null, as of sandboxed frames and files', 'null'],
    ['a file', 'file://'],
    ['an extension of a browser', 'chrome-extension://abcdefghijklmnop'],
    ['the host without a scheme', 'chat.example'],
    ['no scheme, but its slashes', '//chat.example'],
    ['one slash', 'https:/chat.example'],
    ['a scheme alone', 'https://'],
    ['a space in front of the host', 'https:// chat.example'],
    ['two origins in one header', 'https://chat.example https://evil.example'],
    ['two origins in one header, the other way around', 'https://evil.example https://chat.example'],
    ['two origins with a comma', 'https://evil.example, https://chat.example'],
    ['two origins with a comma, the other way around', 'https://chat.example, https://evil.example'],
    ['a text of JSON', '{"origin":"https://chat.example"}'],
    ['the pattern itself', '*.shop.example'],
    ['a star', '*'],
  ])('%s: %s', async (_, origin) => {
    expect(await greeting(choosy.key, origin)).toBe('refused')
    expect(await greeting(lenient.key, origin)).toBe('refused')
  })

  test.each([
    ['that one first', ['https://chat.example', 'https://evil.example']],
    ['that one last', ['https://evil.example', 'https://chat.example']],
    ['null and that one', ['null', 'https://chat.example']],
  ])('two Origin headers, %s', async (_, origins) => {
    expect(await greeting(choosy.key, ...origins)).toBe('refused')
    expect(await greeting(lenient.key, ...origins)).toBe('refused')
  })
})

describe('a handshake without an Origin header', () => {
  test('is refused, unless allow_missing_origin is on', async () => {
    expect(await greeting(choosy.key)).toBe('refused')
    expect(await greeting(lenient.key)).toBe('welcome')
  })

  test('is one with an empty header as well', async () => {
    expect(await greeting(choosy.key, '')).toBe('refused')
    expect(await greeting(lenient.key, '')).toBe('welcome')
  })
})
