/** Prometheus metrics, all beginning with `pageturner_`. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { secondsSinceSeen } from '../journal/heartbeats.ts';
import { unprojectedMs } from '../journal/messages.ts';
import type { Journal } from '../journal/open-journal.ts';
import { dueStepMs } from '../journal/runs.ts';

export interface Metrics {
  readonly registry: Registry;
  readonly webhooks: (status: number) => void;
}

export function createMetrics(journal: Journal): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'pageturner_' });
  const webhooks = new Counter({
    name: 'pageturner_webhooks_total',
    help: 'Alertmanager webhooks answered, by HTTP status.',
    labelNames: ['status'],
    registers: [registry],
  });
  new Gauge({
    name: 'pageturner_unprojected_seconds',
    help: 'Age of the oldest change that Slack does not show yet.',
    registers: [registry],
    async collect() {
      this.set((await unprojectedMs(journal.pool)) / 1000);
    },
  });
  new Gauge({
    name: 'pageturner_due_step_seconds',
    help: 'Age of the oldest step that is due and that nobody has taken.',
    registers: [registry],
    async collect() {
      this.set((await dueStepMs(journal.pool)) / 1000);
    },
  });
  new Gauge({
    name: 'pageturner_watchdog_seconds',
    help: 'Age of the last Watchdog alert; -1 when none has come yet.',
    registers: [registry],
    async collect() {
      this.set((await secondsSinceSeen(journal.pool, 'Watchdog')) ?? -1);
    },
  });
  return { registry, webhooks: (status) => webhooks.inc({ status: String(status) }) };
}
