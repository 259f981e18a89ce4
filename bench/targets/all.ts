/** Who is measured side by side. The first is the one whose goals are looked at. */
import { bare } from './bare.ts'
import { reverb } from './reverb.ts'
import { revurb } from './revurb.ts'
import { soketi } from './soketi.ts'
import type { Target } from './target.ts'

/** @param reverbApp an application with laravel/reverb */
export function targetsOf(reverbApp?: string): Target[] {
  return [revurb, bare, soketi, reverb(reverbApp)]
}
