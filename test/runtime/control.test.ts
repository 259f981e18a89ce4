import { describe, expect, test } from 'bun:test'
import { parseCommand } from '../../src/runtime/control.ts'

describe('a command on stdin is parsed:', () => {
  test('send', () => {
    expect(parseCommand('{"command":"send","app":"1","socket":"1.2","message":"m","more":1}')).toEqual({
      command: 'send',
      app: '1',
      socket: '1.2',
      message: 'm',
    })
    expect(parseCommand('{"command":"send","app":"1","socket":"1.2","message":""}')).toMatchObject({ message: '' })
  })

  test('apps, and apps-unreachable', () => {
    expect(parseCommand('{"command":"apps","apps":[5]}')).toEqual({ command: 'apps', apps: [5] })
    expect(parseCommand('{"command":"apps-unreachable"}')).toEqual({ command: 'apps-unreachable' })
  })

  test('events-announced', () => {
    expect(parseCommand('{"command":"events-announced"}')).toEqual({ command: 'events-announced' })
  })

  test('hand-over', () => {
    expect(parseCommand('{"command":"hand-over","peer":"/p"}')).toEqual({ command: 'hand-over', socketPath: '/p' })
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
  ])('a line that is none: %p', line => expect(parseCommand(line)).toBeUndefined())
})
