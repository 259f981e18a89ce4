/** Documents for tests: the smallest one with changes, decoded, or with its faults and warnings. */
import { expect } from 'bun:test'
import { ConfigError, decodeDocument } from '../../src/config/bridge.ts'
import { sentence } from '../../src/config/places.ts'

/** The app of the smallest document. */
export const app = { app_id: '1001', key: 'app-key', secret: 'app-secret' }
/** The smallest document. */
export const minimal = { version: 1, apps: [app] }

export const decode = (changes: object) => decodeDocument(JSON.stringify({ ...minimal, ...changes })).config
export const decodeApp = (changes: object) => decode({ apps: [{ ...app, ...changes }] }).apps[0]!
export const warnings = (changes: object) => decodeDocument(JSON.stringify({ ...minimal, ...changes })).warnings.map(sentence)
export const appWarnings = (changes: object) => warnings({ apps: [{ ...app, ...changes }] })

/** The faults of a document, each as a sentence. */
export function faults(text: string): string[] {
  try {
    decodeDocument(text)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message.split('\n')
  }
  return []
}

export const faultsOf = (changes: object) => faults(JSON.stringify({ ...minimal, ...changes }))
export const appFaults = (changes: object) => faultsOf({ apps: [{ ...app, ...changes }] })
