/** Plans for tests: one made by hand, and any that fast-check can think of. */
import fc from 'fast-check';
import type { Plan, Scope, ScopeItem } from '../../src/domain/action.ts';

export const item = (id: string, note = ''): ScopeItem => ({ id, name: id, note });
export const items = (...ids: string[]): Scope => ({ kind: 'items', items: ids.map((id) => item(id)) });

export function plan(changes: Partial<Plan> = {}): Plan {
  return {
    action: 'redis.flushdb',
    contractVersion: 1,
    system: 'moalog',
    service: 'redis',
    environment: 'dev',
    danger: 'destructive',
    quorum: 1,
    settings: { db: 0 },
    sharedWith: ['FluxPay idempotency keys'],
    identity: { run_id: 'abc', role: 'master', db: 0 },
    marker: 'dev',
    scope: { kind: 'keyspace', name: 'db0', keys: 412, mayGrowTo: 512 },
    preview: ['412 keys'],
    undo: { kind: 'made', how: 'every key is kept', estimatedBytes: 1000 },
    ...changes,
  };
}

const facts = () =>
  fc.dictionary(
    fc.string({ maxLength: 8 }),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    {
      maxKeys: 4,
      noNullPrototype: true,
    },
  );
const text = () => fc.string({ maxLength: 12 });
const scope = (): fc.Arbitrary<Scope> =>
  fc.oneof(
    fc
      .uniqueArray(text(), { minLength: 1, maxLength: 6 })
      .map((ids): Scope => ({ kind: 'items', items: ids.map((id) => item(id, 'note')) })),
    fc
      .record({ keys: fc.nat(1000), more: fc.nat(200) })
      .map(({ keys, more }): Scope => ({ kind: 'keyspace', name: 'db0', keys, mayGrowTo: keys + more })),
  );

export const anyPlan = (): fc.Arbitrary<Plan> =>
  fc.record({
    action: text(),
    contractVersion: fc.nat(9),
    system: text(),
    service: text(),
    environment: fc.constantFrom('dev', 'test', 'prod'),
    danger: fc.constantFrom('safe', 'disruptive', 'destructive'),
    quorum: fc.integer({ min: 1, max: 3 }),
    settings: facts(),
    sharedWith: fc.array(text(), { maxLength: 2 }),
    identity: facts(),
    marker: fc.option(text()),
    scope: scope(),
    preview: fc.array(text(), { maxLength: 3 }),
    undo: fc.oneof(
      fc.record({ kind: fc.constant('none' as const), reason: text() }),
      fc.record({ kind: fc.constant('made' as const), how: text(), estimatedBytes: fc.nat() }),
    ),
  });
