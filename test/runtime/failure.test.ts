import { describe, expect, test } from 'bun:test'
import { ConfigError } from '../../src/config/bridge.ts'
import { exitCode } from '../../src/runtime/exit-code.ts'
import { causeOf, listenError, reportFailure } from '../../src/runtime/failure.ts'
import { jsonLog } from '../../src/runtime/log.ts'
import { CannotListen } from '../../src/server/address.ts'
import { TlsFileError } from '../../src/server/tls.ts'

/** The exit code, and what was said. */
function outcome(error: unknown): [number, string[]] {
  const said: string[] = []
  const log = jsonLog(
    line => void said.push(`${JSON.parse(line).level} ${JSON.parse(line).message}`),
    () => new Date(),
    false,
  )
  return [reportFailure(error, log), said]
}

test('the exit codes are those of docs/bridge.md', () => {
  expect(exitCode).toEqual({ stopped: 0, cannotListen: 69, crashed: 70, badConfig: 78 })
})

describe('a start that failed', () => {
  test('because of the document logs every fault, and exits with 78', () => {
    const error = new ConfigError([
      { path: 'server.port', message: 'is wrong' },
      { path: '', message: 'All of it.' },
    ])
    expect(outcome(error)).toEqual([78, ['error servers.reverb.port (REVERB_SERVER_PORT, --port) is wrong', 'error All of it.']])
  })

  test('because of a certificate exits with 78', () => {
    expect(outcome(new TlsFileError('server.tls.local_cert', 'cannot be read'))).toEqual([
      78,
      ['error servers.reverb.options.tls.local_cert cannot be read'],
    ])
  })

  test('because of the port logs one sentence, and exits with 69', () => {
    expect(outcome(new CannotListen('No.', 'server.port'))).toEqual([69, ['error No.']])
  })

  test('because of anything else exits with 70', () => {
    expect(outcome(new Error('x'))).toEqual([70, ['error The server could not start']])
    expect(outcome('x')[0]).toBe(70)
  })
})

describe('an error of the operating system at listening', () => {
  const at = { host: '192.0.2.1', port: 80, handOver: null }

  test.each([
    ['EADDRINUSE', 'Port 80 on 192.0.2.1 is in use', 'servers.reverb.port (REVERB_SERVER_PORT, --port).'],
    ['EACCES', 'Listening on port 80 is not allowed', 'servers.reverb.port (REVERB_SERVER_PORT, --port).'],
    ['EPERM', 'Listening on port 80 is not allowed', 'servers.reverb.port (REVERB_SERVER_PORT, --port).'],
    ['EAFNOSUPPORT', 'Listening on 192.0.2.1 is not possible', 'servers.reverb.host (REVERB_SERVER_HOST, --host).'],
    ['EADDRNOTAVAIL', 'Listening on 192.0.2.1 is not possible', 'servers.reverb.host (REVERB_SERVER_HOST, --host).'],
  ])('is explained: %s', (code, said, place) => {
    const error = listenError(Object.assign(new Error('raw'), { code }), at, () => undefined)
    expect(error).toBeInstanceOf(CannotListen)
    expect((error as Error).message).toStartWith(said)
    expect((error as Error).message).toEndWith(place)
  })

  test.each([
    [{ pid: 4711, program: 'node' }, 'by process 4711 (node). End it, or'],
    [{ pid: 4711, program: 'a\x1b[2J' }, 'by process 4711 (a\\x1b[2J). End it, or'],
    [{ pid: 4711, program: '' }, 'by process 4711. End it, or'],
    [undefined, 'by another process, which this user cannot identify. End it, or'],
  ])('is explained with the process that has the port: %j', (holder, said) => {
    const error = listenError(Object.assign(new Error('raw'), { code: 'EADDRINUSE' }), at, () => holder)
    expect((error as Error).message).toContain(`Port 80 on 192.0.2.1 is in use ${said}`)
  })

  test.each([
    ['0.0.0.0:80', '192.0.2.1'],
    ['[::]:80', '192.0.2.1'],
    ['192.0.2.1:80', '0.0.0.0'],
    ['[2001:db8::1]:80', '::'],
  ])('is explained at a restart with the running server, which listens on %s: %s', (address, host) => {
    const handOver = { address, socketPath: '/peer.sock' }
    const error = listenError(
      Object.assign(new Error('raw'), { code: 'EADDRINUSE' }),
      { host, port: 80, handOver },
      () => undefined,
    )
    expect(error).toMatchObject({
      path: 'server.host',
      message: `Port 80 on ${host} is in use by the running server itself, which listens on ${address}: a restart does not change the host. Stop the server and start it again.`,
    })
  })

  // A hand-over shares the port of the same address: it is in use there because of a third process.
  test.each([
    ['0.0.0.0:81', '192.0.2.1'],
    ['192.0.2.2:80', '192.0.2.1'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['0.0.0.0:80', '0.0.0.0'],
    ['[::]:80', '::'],
  ])('is another process at a restart of a server that listens on %s: %s', (address, host) => {
    const handOver = { address, socketPath: '/peer.sock' }
    const error = listenError(
      Object.assign(new Error('raw'), { code: 'EADDRINUSE' }),
      { host, port: 80, handOver },
      () => undefined,
    )
    expect((error as Error).message).toContain('in use by another process')
  })

  test('is kept as it is where it is another one', () => {
    const error = new Error('other')
    expect(listenError(error, at)).toBe(error)
  })
})

test('the cause of an error includes its stack', () => {
  const error = new Error('x')
  expect(causeOf(error)).toBe(error.stack!)
  expect(causeOf(Object.assign(new Error('bare'), { stack: undefined }))).toBe('bare')
  expect(causeOf(Object.assign(new Error('without'), { stack: '' }))).toBe('without')
  expect(causeOf('text')).toBe('text')
  expect(causeOf(undefined)).toBe('undefined')
})
