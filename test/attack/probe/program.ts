/** The probe's process. */
import type { Address } from '../../../bench/load/client.ts'
import { carryOut, settings } from '../child.ts'
import { Probe, type ProbeReport } from './probe.ts'

export type ProbeSettings = { readonly at: Address }
export type ProbeOrder = { readonly seconds: number }

const connected = Probe.connected(settings<ProbeSettings>().at)

carryOut<ProbeOrder, ProbeReport>(async ({ seconds }) => (await connected).measure(seconds))
