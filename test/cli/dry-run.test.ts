/** A dry run says what the bot would: the same plan, refusals, danger, quorum, approvers. Nothing is touched. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type DryRunner, dryRun } from '../../src/cli/dry-run.ts';
import type { ActionKind, PlanDraft, Refused, SelfIdentity } from '../../src/domain/action.ts';
import { DEFAULT_RULES } from '../../src/domain/organisation.ts';
import type { ActionStep, Runbook, ServiceEntry, System } from '../../src/domain/runbook.ts';
import { NOTHING_DECLARED } from '../../src/domain/target.ts';

const SELF: SelfIdentity = {
  queueRedisRunId: async () => 'the-bots-own',
  queueReplicaRunIds: async () => [],
  journalDatabase: async () => null,
  containerId: null,
  volumes: [],
};

const DRAFT: PlanDraft = {
  identity: { run_id: 'abc' },
  marker: null,
  scope: { kind: 'keyspace', name: 'db0', keys: 5, mayGrowTo: 105 },
  preview: ['5 keys'],
  undo: { kind: 'none', reason: 'too large' },
};

/** Refuses what the bot stands on, and needs two people without an undo, in production. */
const kind: ActionKind<object> = {
  name: 'test.wipe',
  contractVersion: 1,
  danger: 'destructive',
  approvalsWithoutUndo: { prod: 2 },
  needs: 'nothing',
  settings: z.strictObject({ marker: z.string().optional(), own: z.boolean().optional() }),
  async plan(_target, settings, { self }): Promise<PlanDraft | Refused> {
    const { marker = null, own = false } = settings as { marker?: string; own?: boolean };
    if (own) return { refused: `the bot queues on ${await self.queueRedisRunId()}` };
    return { ...DRAFT, marker };
  },
  execute: async () => ({ state: 'failed', summary: 'a dry run executes nothing', items: [] }),
};

function systemIn(environment: 'dev' | 'prod'): System {
  const entry: ServiceEntry = {
    name: 'redis',
    target: {
      ...{ system: 'shop', service: 'redis', environment, url: 'redis://r', container: null },
      ...{ dockerHost: '', sandboxOnly: false, catalogVolumes: [], composeProjects: [] },
      declared: NOTHING_DECLARED,
    },
    probe: null,
    sharedWith: ['the cart’s keys: a payment may be charged twice'],
    approvers: ['duty-officer'],
    notConfigured: null,
    notes: [],
  };
  return { name: 'shop', title: 'Shop', environment, services: [entry], links: [], runbooks: [] };
}

const wipe = (settings: object, more: Partial<ActionStep> = {}) => ({
  ...({ type: 'action', key: 'wipe', title: null, action: 'test.wipe', service: 'redis' } as const),
  ...{ settings: { ...settings }, danger: null, timeoutMs: 1000 },
  ...more,
});

const operation = (...steps: Runbook['steps']): Runbook => ({
  ...{ id: 'shop/operations/wipe', version: 1, system: 'shop', title: 'Wipe', triggers: [], symptoms: [] },
  ...{ impact: [], condition: null, diagnose: [], steps, params: [], recover: [], verify: [], notes: [] },
  ...{ links: [], escalate: null },
});

const runner = (more: Partial<DryRunner> = {}): DryRunner => ({
  self: SELF,
  redact: <T>(value: T): T => value,
  kinds: { probeKinds: new Map(), actionKinds: new Map([[kind.name, kind]]) },
  organisation: { techLead: [], onCall: [], dutyOfficer: [], rules: DEFAULT_RULES },
  mode: 'act',
  // A Saturday, 03:00: in the window of DEFAULT_RULES.
  now: new Date('2026-01-03T03:00:00Z'),
  halted: false,
  ...more,
});

const dry = async (runbook: Runbook, environment: 'dev' | 'prod' = 'dev', more: Partial<DryRunner> = {}) => {
  const { lines, failed } = await dryRun(runner(more), systemIn(environment), runbook, {}, null);
  return { text: lines.join('\n'), failed };
};

describe('a dry run', () => {
  test('names danger, approvers, environment and what else lives there', async () => {
    const { text, failed } = await dry(operation(wipe({})));
    expect(failed).toBe(false);
    expect(text).toContain('danger: destructive');
    expect(text).toMatch(/approved by: 1 person: the tech lead, the duty officer, .*; never whoever asked/u);
    expect(text).toContain('environment: dev (unmarked)');
    expect(text).toContain('also there: the cart’s keys: a payment may be charged twice');
    expect(text).toContain('undo: none: too large');
  });

  test('asks for two people where the kind does without an undo, or the step does', async () => {
    const inProd = await dry(operation(wipe({})), 'prod');
    expect(inProd.text).toContain('approved by: 2 people');
    expect(inProd.text).toContain('first: Tested in staging;');
    expect((await dry(operation(wipe({}, { approvals: { dev: 2 } })))).text).toContain(
      'approved by: 2 people',
    );
  });

  test.each([
    [{ marker: 'prod' }, 'can’t be planned: the target says it is prod, the catalog says dev'],
    [{ own: true }, 'can’t be planned: the bot queues on the-bots-own'],
    [{ colour: 'red' }, 'can’t be planned: the settings of test.wipe are not valid: unknown key "colour"'],
  ])('refuses %j as the bot would', async (settings, says) => {
    const { text, failed } = await dry(operation(wipe(settings)));
    expect(text).toContain(says);
    expect(failed).toBe(true);
  });

  test('says what the change rules refuse now, beside the plan', async () => {
    const { text, failed } = await dry(operation(wipe({})), 'prod', {
      now: new Date('2026-01-05T03:00:00Z'),
    });
    expect(failed).toBe(true);
    expect(text).toContain('refused now: This is outside the window for changes to production.');
    expect(text).toContain('identity: run_id abc');
    const freeze = {
      ...{ from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-02-01T00:00:00Z') },
      ...{ systems: null, reason: 'year end' },
    };
    const rules = { ...DEFAULT_RULES, freezes: [freeze] };
    const organisation = { techLead: [], onCall: [], dutyOfficer: [], rules };
    expect((await dry(operation(wipe({})), 'prod', { organisation })).text).toContain('year end');
  });

  test('a recovery is planned as in an open incident: outside the window, without boxes', async () => {
    const option = { key: 'wipe', title: 'Wipe it', propose: false, caution: null, steps: [wipe({})] };
    const runbook = { ...operation(), recover: [option] };
    const { text, failed } = await dry(runbook, 'prod', { now: new Date('2026-01-05T03:00:00Z') });
    expect(failed).toBe(false);
    expect(text).not.toMatch(/refused now|first:/u);
    expect(text).toContain('emergency: for an incident whose alert fires');
  });

  test('says when everything is halted, or nobody can know, and that an observing bot does nothing', async () => {
    const halted = await dry(operation(wipe({})), 'dev', { halted: true });
    expect(halted).toMatchObject({ failed: true, text: expect.stringContaining('Everything is halted') });
    const away = await dry(operation(wipe({})), 'dev', { halted: null });
    expect(away).toMatchObject({
      failed: false,
      text: expect.stringContaining('The journal doesn’t answer'),
    });
    expect((await dry(operation(wipe({})), 'dev', { mode: 'observe' })).text).toContain(
      'PAGETURNER_MODE is observe',
    );
  });
});
