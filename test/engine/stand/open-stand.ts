/**
 * The engine on a database of its own, with everything that it asks of others in the test's hand: people, waking, pages,
 * silences, the projector. Use cases are called as commands, clicks and workers call them.
 */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { Page } from '../../../src/domain/escalation.ts';
import type { PersonKind } from '../../../src/domain/person.ts';
import type { AlertGroup } from '../../../src/domain/receive.ts';
import type { Engine, EngineSettings, SilenceDraft } from '../../../src/engine/core/engine.ts';
import { startDiagnosis } from '../../../src/engine/incidents/start-diagnosis.ts';
import { receiveAlerts } from '../../../src/engine/intake/receive-alerts.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { testDatabase } from '../../servers/postgres.ts';
import { GUEST, shopCatalog } from './catalog.ts';
import { createTarget, type FakeTarget } from './target.ts';

export const OPS = '#ops-shared';

const SETTINGS: EngineSettings = {
  mode: 'act',
  opsChannel: OPS,
  approvalExpiresAlertMs: 900_000,
  approvalExpiresPersonMs: 3_600_000,
  executionDeadlineMs: 600_000,
  reopenWithinMs: 600_000,
  undoMaxBytes: 1_000_000,
  watchdogWithinMs: 600_000,
  stormThreshold: 250,
  stormThresholdUnknown: 250,
  stormCalmMs: 30_000,
  conditionEveryMs: 30_000,
  links: { prometheus: null },
  leaseMs: 10_000,
};

export interface Stand {
  readonly engine: Engine;
  /** Another process on the same journal. */
  readonly other: Engine;
  readonly target: FakeTarget;
  /** Everybody else is a member; one of the catalog is a guest. */
  readonly people: Map<string, PersonKind>;
  /** Steps that workers were woken for. */
  readonly woken: number[];
  readonly poked: string[];
  readonly pages: Page[];
  readonly silences: { readonly url: string; readonly silence: SilenceDraft }[];
  /** The same database as a superuser: for what the bot's own role may not do. */
  readonly superuserUrl: string;
  /** Rows of any statement, for looking on. */
  rows<R extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** An incident of an alert that fires: its id. `CacheFull` has a runbook. */
  fire(alertname?: string, labels?: Readonly<Record<string, string>>, by?: Engine): Promise<number>;
  /** Kinds of the audit entries about a subject, in order. */
  audit(subject: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const groupOf = (
  alertname: string,
  labels: Readonly<Record<string, string>> = {},
  status: 'firing' | 'resolved' = 'firing',
): AlertGroup => {
  const all = { alertname, system: 'shop', severity: 'warning', ...labels };
  const key = JSON.stringify(all);
  return {
    groupKey: key,
    commonLabels: all,
    commonAnnotations: {},
    truncated: 0,
    externalUrl: '',
    alerts: [
      {
        fingerprint: key,
        status,
        labels: all,
        annotations: {},
        startsAt: '2026-01-01T00:00:00.000Z',
        endsAt: status === 'resolved' ? '2026-01-01T01:00:00.000Z' : null,
        generatorUrl: '',
      },
    ],
  };
};

export async function openStand(settings: Partial<EngineSettings> = {}): Promise<Stand> {
  const { url, superuserUrl } = await testDatabase();
  const target = createTarget();
  const catalog = await shopCatalog(target);
  const stopping = new AbortController();
  const people = new Map<string, PersonKind>([[GUEST, 'guest']]);
  const woken: number[] = [];
  const poked: string[] = [];
  const pages: Page[] = [];
  const silences: { url: string; silence: SilenceDraft }[] = [];
  const make = async (worker: string): Promise<Engine> => ({
    journal: await openJournal({ url, max: 6, onError: () => undefined }),
    auditKey: 'k'.repeat(32),
    catalog,
    probeKinds: target.probeKinds,
    actionKinds: target.actionKinds,
    directory: { person: async (id) => people.get(id) ?? 'member', groupMembers: async () => null },
    self: {
      queueRedisRunId: async () => null,
      queueReplicaRunIds: async () => [],
      journalDatabase: async () => null,
      containerId: null,
      volumes: [],
    },
    settings: { ...SETTINGS, ...settings },
    worker,
    redact: (value) => value,
    log: pino({ level: 'silent' }),
    signal: stopping.signal,
    waker: {
      steps: async (wakes) => void woken.push(...wakes.map(({ id }) => id)),
      health: async () => undefined,
    },
    pager: {
      async send(page) {
        pages.push(page);
        return { sent: true };
      },
    },
    silencer: {
      find: async (at, mark) =>
        silences.find(({ url: of, silence }) => of === at && silence.comment.includes(mark)) === undefined
          ? null
          : mark,
      list: async () => [],
      async create(at, silence) {
        silences.push({ url: at, silence });
        return randomUUID();
      },
      expire: async () => undefined,
    },
    poke: (channels) => void poked.push(...channels),
    diagnose: () => undefined,
    projects: () => false,
  });
  const [engine, other] = [await make('stand/one'), await make('stand/two')];
  const rows: Stand['rows'] = async <R extends object>(text: string, values: readonly unknown[] = []) =>
    (await engine.journal.pool.query<R & Record<string, unknown>>(text, [...values])).rows;
  return {
    engine,
    other,
    target,
    people,
    woken,
    poked,
    pages,
    silences,
    superuserUrl,
    rows,
    async fire(alertname = 'CacheFull', labels = { service: 'cache' }, by = engine) {
      await receiveAlerts(by, groupOf(alertname, labels));
      const [found] = await rows<{ id: number }>(
        'select id::int as id from incidents where alertname = $1 order by id desc limit 1',
        [alertname],
      );
      if (found === undefined) throw new Error(`no incident of ${alertname}`);
      await startDiagnosis(by, found.id);
      return found.id;
    },
    async audit(subject) {
      const found = await rows<{ kind: string }>(
        'select kind from audit_entries where subject = $1 order by seq',
        [subject],
      );
      return found.map(({ kind }) => kind);
    },
    async close() {
      stopping.abort();
      await Promise.all([engine.journal.close(), other.journal.close()]);
    },
  };
}
