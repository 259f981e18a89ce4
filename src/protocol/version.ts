/** The version of Pusher's protocol that a client names in its URL (`?protocol=7`). */
import { type Close, closes } from './errors.ts'

/** Pusher no longer supports 1 to 3. 7 is the latest; SDKs for Android and older ones name 5 or 6. */
const oldest = 4
const latest = 7

/** The close with which Pusher refuses a version; undefined where it supports it. `version` is null where the URL names none. */
export function versionFault(version: string | null): Close | undefined {
  if (version === null) return closes.noVersion
  if (!/^\d+$/.test(version)) return closes.invalidVersion
  return Number(version) >= oldest && Number(version) <= latest ? undefined : closes.unsupportedVersion
}
