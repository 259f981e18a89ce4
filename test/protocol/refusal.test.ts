import { expect, test } from 'bun:test'
import { refusalHeader } from '../../src/protocol/refusal.ts'

/** Programs look for it, `reverb:doctor` among them. */
test('the header that names a refusal', () => expect(refusalHeader).toBe('Revurb-Refusal'))
