/** Prometheus metrics, all beginning with `pageturner_`. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ChoreDeps } from '../engine/upkeep/keep-chore.ts';
import { countDueDiagnoses } from '../journal/diagnoses.ts';
import { secondsSinceSeen } from '../journal/heartbeats.ts';
import { unprojectedMs } from '../journal/messages.ts';
import { countDeadLetters } from '../journal/notices.ts';
import type { Journal } from '../journal/open-journal.ts';
import { dueStepMs } from '../journal/steps.ts';
import { stormGauge } from '../journal/storms.ts';

export interface Metrics {
  readonly registry: Registry;
  readonly webhooks: (status: number) => void;
  readonly chores: ChoreDeps['count'];
}

export interface QueueLength {
  readonly queue: string;
  readonly state: string;
  readonly jobs: number;
}

/** Of the newest file that a check looks for; infinite: there is none. */
export interface Age {
  readonly system: string;
  readonly service: string;
  readonly check: string;
  readonly hours: number;
}

/** What can't be read right now is NaN: the other figures are still told. */
const orUnknown = (read: () => Promise<number>): Promise<number> => read().catch(() => Number.NaN);

export function createMetrics(
  journal: Pick<Journal, 'pool'>,
  queueLengths: () => Promise<readonly QueueLength[]>,
  ages: () => Promise<readonly Age[]>,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'pageturner_' });
  const webhooks = new Counter({
    name: 'pageturner_webhooks_total',
    help: 'Alertmanager webhooks answered, by HTTP status.',
    labelNames: ['status'],
    registers: [registry],
  });
  const gauge = (name: string, help: string, read: () => Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await orUnknown(read));
      },
    });
  };
  const { pool } = journal;
  gauge(
    'pageturner_unprojected_seconds',
    'Age of the oldest change that Slack does not show yet.',
    async () => (await unprojectedMs(pool)) / 1000,
  );
  gauge(
    'pageturner_due_step_seconds',
    'Age of the oldest step that is due and that nobody has taken.',
    async () => (await dueStepMs(pool)) / 1000,
  );
  gauge('pageturner_due_diagnoses', 'Incidents whose first diagnosis has not begun.', () =>
    countDueDiagnoses(pool),
  );
  gauge(
    'pageturner_watchdog_seconds',
    'Age of the last Watchdog alert; -1 when none has come yet.',
    async () => (await secondsSinceSeen(pool, 'Watchdog')) ?? -1,
  );
  gauge('pageturner_storm', 'Storms under way.', async () => (await stormGauge(pool)).storms);
  gauge(
    'pageturner_storm_groups',
    'Alert groups named in the storms under way.',
    async () => (await stormGauge(pool)).entries,
  );
  gauge('pageturner_dead_letters', 'Bodies that could not be read, as far as they are kept.', () =>
    countDeadLetters(pool),
  );
  new Gauge({
    name: 'pageturner_queue_jobs',
    help: 'Jobs in the queue, by queue and state.',
    labelNames: ['queue', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { queue, state, jobs } of await queueLengths().catch(() => []))
        this.set({ queue, state }, jobs);
    },
  });
  new Gauge({
    name: 'pageturner_file_age_hours',
    help: 'Age of the newest backup or export, by the check that looks for it; +Inf when there is none.',
    labelNames: ['system', 'service', 'check'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { hours, ...labels } of await ages().catch(() => [])) this.set({ ...labels }, hours);
    },
  });
  const chores = choreMetrics(registry);
  return { registry, chores, webhooks: (status) => webhooks.inc({ status: String(status) }) };
}

/** How long each chore's passes take, how many came to nothing, and when one last succeeded. */
function choreMetrics(registry: Registry): ChoreDeps['count'] {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'pageturner_chore_seconds',
    help: 'How long a pass of a chore took.',
    labelNames: ['chore'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const failures = new Counter({
    name: 'pageturner_chore_failures_total',
    help: 'Passes of a chore that failed, or that reached their time limit.',
    labelNames: ['chore', 'why'],
    registers,
  });
  const success = new Gauge({
    name: 'pageturner_chore_success_timestamp_seconds',
    help: 'When a chore last succeeded; before it first did: when it first failed.',
    labelNames: ['chore'],
    registers,
  });
  const known = new Set<string>();
  return (chore, end, took) => {
    seconds.observe({ chore }, took);
    if (end === 'done' || !known.has(chore)) success.setToCurrentTime({ chore });
    if (!known.has(chore)) for (const why of ['failed', 'late']) failures.inc({ chore, why }, 0);
    known.add(chore);
    if (end !== 'done') failures.inc({ chore, why: end });
  };
}
