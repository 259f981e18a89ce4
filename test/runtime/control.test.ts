import { describe, expect, test } from 'bun:test'
import { lines, parseCommand } from '../../src/runtime/control.ts'

async function* chunks(...list: (string | Uint8Array)[]) {
  yield* list
}

describe('lines', () => {
  test.each<[(string | Uint8Array)[], string[]]>([
    [[], []],
    [[''], []],
    [['a\nb\n'], ['a', 'b']],
    [['a\nb'], ['a', 'b']],
    [
      ['a', 'b\nc', '\n', '\n'],
      ['ab', 'c', ''],
    ],
    [['\n'], ['']],
    [[new Uint8Array([0x61, 0xc3]), new Uint8Array([0xbc, 0x0a])], ['aü']],
  ])('of %j', async (given, expected) => {
    const found: string[] = []
    for await (const line of lines(chunks(...given))) found.push(line)
    expect(found).toEqual(expected)
  })

  test('come as soon as they are whole', async () => {
    const arrived = Promise.withResolvers<string>()
    async function* input() {
      yield 'first\nsec'
      yield await arrived.promise
    }
    const found = lines(input())
    expect((await found.next()).value).toBe('first')
    arrived.resolve('ond\n')
    expect((await found.next()).value).toBe('second')
    expect((await found.next()).done).toBe(true)
  })
})

describe('a command', () => {
  test('send', () => {
    expect(parseCommand('{"command":"send","app":"1","socket":"1.2","message":"m","more":1}')).toEqual({
      command: 'send',
      app: '1',
      socket: '1.2',
      message: 'm',
    })
    expect(parseCommand('{"command":"send","app":"1","socket":"1.2","message":""}')).toMatchObject({ message: '' })
  })

  test('apps, and that they cannot be looked up', () => {
    expect(parseCommand('{"command":"apps","apps":[5]}')).toEqual({ command: 'apps', apps: [5] })
    expect(parseCommand('{"command":"apps-unreachable"}')).toEqual({ command: 'apps-unreachable' })
  })

  test('hand-over', () => {
    expect(parseCommand('{"command":"hand-over","peer":"/p"}')).toEqual({ command: 'hand-over', peer: '/p' })
    expect(parseCommand('{"command":"hand-over"}')).toBeUndefined()
  })

  test('disconnect', () => {
    expect(parseCommand('{"command":"disconnect","app":"1","socket":"1.2"}')).toEqual({
      command: 'disconnect',
      app: '1',
      socket: '1.2',
    })
  })

  test.each([
    '',
    'stop',
    '{',
    'null',
    '5',
    '"send"',
    '[]',
    '{}',
    '{"command":"send","app":"1","socket":"1.2"}',
    '{"command":"send","app":"1","socket":"1.2","message":{}}',
    '{"command":"send","app":1,"socket":"1.2","message":"m"}',
    '{"command":"disconnect","app":"1"}',
    '{"command":"disconnect","app":"1","socket":null}',
    '{"command":"stop","app":"1","socket":"1.2"}',
  ])('is not %p', line => expect(parseCommand(line)).toBeUndefined())
})
