import { describe, expect, test } from 'bun:test'
import { decodeScaling, stockRedis } from '../support/scaling.ts'

describe('scaling', () => {
  test('is off unless it is enabled, whatever its other settings', () => {
    expect(decodeScaling({ enabled: false, server: 5 })).toBeNull()
    expect(decodeScaling({ enabled: undefined })).toBeNull()
  })

  test('has a default for each setting but the secret', () => {
    expect(decodeScaling({})).toEqual({ channel: 'revurb:reverb', key: 's', redis: stockRedis })
  })
})
