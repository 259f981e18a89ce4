/** All scenarios, in the order of the report. */
import { manySubscriptions } from './many-subscriptions.ts'
import { outage } from './outage.ts'
import { redisFaults } from './redis-faults.ts'
import type { Scenario } from './scenario.ts'
import { stalledReaders } from './stalled-readers.ts'

export const scenarios: readonly Scenario[] = [...redisFaults.map(outage), stalledReaders, manySubscriptions]
