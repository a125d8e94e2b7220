import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan, Scope } from '../../src/domain/action.ts';
import { comparePlans } from '../../src/domain/compare-plans.ts';
import { anyPlan, item, items, plan } from './plans.ts';

const keyspace = (keys: number, mayGrowTo: number): Scope => ({
  kind: 'keyspace',
  name: 'db0',
  keys,
  mayGrowTo,
});
const differences = (approved: Plan, fresh: Plan): readonly string[] => {
  const result = comparePlans(approved, fresh);
  return result.verdict === 'superseded' ? result.differs : [];
};

describe('a plan worked out again, against the approved one', () => {
  test('is the same when nothing changed', () => {
    fc.assert(
      fc.property(anyPlan(), (any) => {
        const result = comparePlans(any, structuredClone(any));
        expect(result).toEqual({ verdict: 'same', narrowed: any, kept: [], isNew: [] });
      }),
    );
  });

  test('never lets through an item that was not both approved and still there', () => {
    const ids = () => fc.array(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 8 });
    fc.assert(
      fc.property(ids(), ids(), (approved, fresh) => {
        const result = comparePlans(plan({ scope: items(...approved) }), plan({ scope: items(...fresh) }));
        const both = [...new Set(approved)].filter((id) => fresh.includes(id));
        if (both.length === 0) {
          expect(result).toEqual({ verdict: 'superseded', differs: ['nothing that was approved is left'] });
          return;
        }
        if (result.verdict === 'superseded' || result.narrowed.scope.kind !== 'items')
          throw new Error('not items');
        expect(result.narrowed.scope.items.map(({ id }) => id)).toEqual(both);
        expect(result.kept.every(({ id }) => approved.includes(id) && !fresh.includes(id))).toBe(true);
        expect(result.isNew.every(({ id }) => !approved.includes(id) && fresh.includes(id))).toBe(true);
        expect(result.verdict).toBe(result.kept.length > 0 ? 'shrunk' : 'same');
      }),
    );
  });

  test('says which volumes stay and which are new', () => {
    const result = comparePlans(plan({ scope: items('a', 'b') }), plan({ scope: items('b', 'c') }));
    expect(result).toMatchObject({ verdict: 'shrunk', kept: [item('a')], isNew: [item('c')] });
  });

  test('lets a key space grow as far as the plan said, and not one key further', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(500), fc.nat(6000), (keys, more, now) => {
        const result = comparePlans(
          plan({ scope: keyspace(keys, keys + more) }),
          plan({ scope: keyspace(now, now + 100) }),
        );
        expect(result.verdict).toBe(now > keys + more ? 'superseded' : now < keys ? 'shrunk' : 'same');
        if (result.verdict !== 'superseded') {
          expect(result.narrowed.scope).toEqual(keyspace(Math.min(keys, now), keys + more));
        }
      }),
    );
    expect(differences(plan({ scope: keyspace(412, 512) }), plan({ scope: keyspace(900, 1000) }))).toEqual([
      'keys were 412 (approved up to 512), are 900',
    ]);
  });

  const changes: readonly [Partial<Plan>, string][] = [
    [{ identity: { run_id: 'def', role: 'master', db: 0 } }, 'run_id was abc, is def'],
    [{ identity: { run_id: 'abc', role: 'slave', db: 0 } }, 'role was master, is slave'],
    [{ identity: { run_id: 'abc', role: 'master', db: '0' } }, 'db was 0, is 0'],
    [{ identity: { run_id: 'abc', role: 'master' } }, 'db was 0, is (none)'],
    [{ marker: null }, 'marker was dev, is (none)'],
    [{ marker: 'prod' }, 'marker was dev, is prod'],
    [{ environment: 'prod' }, 'environment was dev, is prod'],
    [{ settings: { db: 1 } }, 'setting db was 0, is 1'],
    [{ action: 'redis.flushall' }, 'action was redis.flushdb, is redis.flushall'],
    [{ contractVersion: 2 }, 'contract version was 1, is 2'],
    [{ quorum: 2 }, 'approvers needed was 1, is 2'],
    [{ sharedWith: ['sessions'] }, "also shared with sessions, which the approved plan didn't say"],
    [{ undo: { kind: 'none', reason: 'it is too large' } }, 'undo was promised, is none: it is too large'],
    [{ scope: items('a') }, 'scope was keyspace, is items'],
    [{ scope: { kind: 'keyspace', name: 'db1', keys: 1, mayGrowTo: 101 } }, 'key space was db0, is db1'],
  ];
  test.each(changes)('is superseded by %j', (change, line) => {
    const lines = differences(plan(), plan(change));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toBe(
      line.replace('redis.flushdb, is redis.flushall', 'redis.flushdb, is redis.flusha…'),
    );
  });

  test('is superseded by a raised danger, not by a lowered one', () => {
    expect(differences(plan({ danger: 'disruptive' }), plan())).toEqual([
      'danger was disruptive, is destructive',
    ]);
    expect(comparePlans(plan(), plan({ danger: 'disruptive' })).verdict).toBe('same');
  });

  test('takes an undo where none was promised', () => {
    const result = comparePlans(plan({ undo: { kind: 'none', reason: 'too large' } }), plan());
    expect(result).toMatchObject({ verdict: 'same', narrowed: { undo: { kind: 'made' } } });
  });

  test('shows long values whole where their beginnings are alike', () => {
    const [a, b] = [`${'0'.repeat(39)}a`, `${'0'.repeat(39)}b`];
    expect(differences(plan({ identity: { run_id: a } }), plan({ identity: { run_id: b } }))).toEqual([
      `run_id was ${a}, is ${b}`,
    ]);
  });

  test('is superseded whenever any part of its identity differs', () => {
    fc.assert(
      fc.property(anyPlan(), fc.string(), fc.string(), (any, before, now) => {
        fc.pre(before !== now);
        const approved = { ...any, identity: { ...any.identity, run_id: before } };
        expect(comparePlans(approved, { ...any, identity: { ...any.identity, run_id: now } }).verdict).toBe(
          'superseded',
        );
      }),
    );
  });
});
