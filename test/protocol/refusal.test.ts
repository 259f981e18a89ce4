import { expect, test } from 'bun:test'
import { refusalHeader } from '../../src/protocol/refusal.ts'

/** Programs look for it, `reverb:doctor` among them. */
test('the header that names a refusal is Revurb-Refusal', () => expect(refusalHeader).toBe('Revurb-Refusal'))
