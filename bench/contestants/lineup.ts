/** Who is measured side by side. The first is the one whose goals are looked at. */
import { bare } from './bare.ts'
import type { Contestant } from './contestant.ts'
import { reverb } from './reverb.ts'
import { revurb } from './revurb.ts'
import { soketi } from './soketi.ts'

/** @param reverbApp an application with laravel/reverb */
export function lineup(reverbApp?: string): Contestant[] {
  return [revurb, bare, soketi, reverb(reverbApp)]
}
