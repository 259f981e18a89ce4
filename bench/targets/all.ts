/** The servers that are measured side by side. The first one is compared with the others. */
import { bare } from './bare.ts'
import { reverb } from './reverb.ts'
import { revurb } from './revurb.ts'
import { soketi } from './soketi.ts'
import type { Target } from './target.ts'

/** @param reverbApp an application with laravel/reverb */
export function targetsOf(reverbApp?: string): Target[] {
  return [revurb, bare, soketi, reverb(reverbApp)]
}
