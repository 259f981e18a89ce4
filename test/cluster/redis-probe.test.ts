import { expect, test } from 'bun:test'
import { isNeeded } from '../../src/cluster/claims.ts'
import { isProbe, newProbe } from '../../src/cluster/redis-probe.ts'

test('a probe differs from those of other backplanes, and each is recognised, also the empty one of an earlier release', () => {
  const probes = [newProbe(() => 0.1), newProbe(() => 0.2), '']
  expect(new Set(probes).size).toBe(3)
  expect(probes.filter(isProbe)).toEqual(probes)
})

test('a probe is a message that no node needs', () => {
  for (const random of [0.1, 1e-7])
    expect(
      isNeeded(
        newProbe(() => random),
        '0123456789abcdef',
        { isRelevant: () => true },
      ),
    ).toBe(false)
})

test('no message of a node is a probe', () => {
  const signature = 'f'.repeat(64)
  expect([' ', 'x', `${signature}[1,"",0,{"type":"snapshot","to":"probe 0.1"},0]`].filter(isProbe)).toEqual([])
})
