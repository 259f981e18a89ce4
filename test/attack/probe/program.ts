/** The probe's process. */
import type { Address } from 'revurb-bench/load/client.ts'
import { handleOrders, settings } from '../child.ts'
import { Probe, type ProbeOptions, type ProbeReport } from './probe.ts'

export type ProbeSettings = ProbeOptions & { readonly at: Address }
export type ProbeOrder = { readonly seconds: number }

const { at, ...options } = settings<ProbeSettings>()
const connected = Probe.connected(at, options)

handleOrders<ProbeOrder, ProbeReport>(async ({ seconds }) => (await connected).measure(seconds))
