import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/action.ts';
import { planDigest } from '../../src/domain/plan-digest.ts';
import { anyPlan, items, plan } from './plans.ts';

describe('the digest of a plan', () => {
  test('is SHA-256 in hex', () => {
    expect(planDigest(plan())).toMatch(/^[0-9a-f]{64}$/);
  });

  test('outlives a trip through JSON, which may put keys in another order', () => {
    fc.assert(
      fc.property(anyPlan(), (any) => {
        const back = Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(any)) as Plan).reverse());
        expect(planDigest(back as unknown as Plan)).toBe(planDigest(any));
      }),
    );
  });

  test('does not change with what is only for people', () => {
    const base = planDigest(plan({ scope: items('a@1') }));
    expect(planDigest(plan({ scope: items('a@1'), preview: ['made 3 days ago'] }))).toBe(base);
    const noted = { kind: 'items' as const, items: [{ id: 'a@1', name: 'a@1', note: '12 MB' }] };
    expect(planDigest(plan({ scope: noted }))).toBe(base);
    const undo = { kind: 'made' as const, how: 'every key is kept', estimatedBytes: 2000 };
    expect(planDigest(plan({ scope: items('a@1'), undo }))).toBe(base);
  });

  const changes: readonly [string, Partial<Plan>][] = [
    ['action', { action: 'volumes.remove' }],
    ['contract version', { contractVersion: 2 }],
    ['system', { system: 'mari' }],
    ['service', { service: 'cache' }],
    ['environment', { environment: 'prod' }],
    ['danger', { danger: 'disruptive' }],
    ['quorum', { quorum: 2 }],
    ['settings', { settings: { db: 1 } }],
    ['neighbours', { sharedWith: [] }],
    ['identity', { identity: { run_id: 'def', role: 'master', db: 0 } }],
    ['marker', { marker: null }],
    ['scope', { scope: items('a@1') }],
    ['growth', { scope: { kind: 'keyspace', name: 'db0', keys: 412, mayGrowTo: 513 } }],
    ['undo', { undo: { kind: 'none', reason: 'too large' } }],
    ['way of undoing', { undo: { kind: 'made', how: 'a dump', estimatedBytes: 1000 } }],
  ];
  test.each(changes)('changes with the %s', (_, change) => {
    expect(planDigest(plan(change))).not.toBe(planDigest(plan()));
  });
});
