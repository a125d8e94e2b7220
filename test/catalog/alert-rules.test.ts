/** The alert rules of the five systems, as the real promtool fires them, and the runbooks that they open. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createActionKinds } from '../../src/actions/index.ts';
import { formatProblem, loadCatalog } from '../../src/catalog/load.ts';
import { chooseRunbook } from '../../src/domain/choose-runbook.ts';
import type { Catalog } from '../../src/domain/runbook.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { findProgram } from '../servers/program.ts';

const run = promisify(execFile);
const MONITORING = fileURLToPath(new URL('../../monitoring/', import.meta.url));
const SYSTEMS = ['moalog', 'mari', 'market-data', 'dbis-core', 'butler'];
const TESTS = readdirSync(MONITORING).filter(
  (name) => name.endsWith('.test.yml') && name !== 'pageturner.test.yml',
);

const texts = z.record(z.string(), z.string());
const rulesSchema = z.object({
  groups: z.array(
    z.object({ rules: z.array(z.object({ alert: z.string(), labels: texts, annotations: texts })) }),
  ),
});
const testsSchema = z.object({
  tests: z.array(
    z.object({
      alert_rule_test: z.array(
        z.object({
          alertname: z.string(),
          exp_alerts: z.array(z.object({ exp_labels: texts, exp_annotations: texts })),
        }),
      ),
    }),
  ),
});
const read = (name: string): unknown => parse(readFileSync(join(MONITORING, name), 'utf8'));
const rulesOf = (system: string) =>
  rulesSchema.parse(read(`${system}.yml`)).groups.flatMap(({ rules }) => rules);
const cases = TESTS.flatMap((name) => testsSchema.parse(read(name)).tests).flatMap(
  (each) => each.alert_rule_test,
);
/** What promtool has Prometheus send, label by label. */
interface Fired {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const fired: readonly Fired[] = cases.flatMap(({ alertname, exp_alerts }) =>
  exp_alerts.map(({ exp_labels, exp_annotations }) => ({
    labels: { alertname, ...exp_labels },
    annotations: exp_annotations,
  })),
);

let loading: Promise<Catalog> | undefined;
function catalog(): Promise<Catalog> {
  loading ??= (async () => {
    const loaded = await loadCatalog(
      'runbooks',
      {},
      {
        probeKinds,
        actionKinds: createActionKinds({ undoMaxBytes: 1 }),
        sandboxOnly: false,
        defaultEnvironment: 'dev',
      },
    );
    if ('catalog' in loaded) return loaded.catalog;
    throw new Error(loaded.problems.map(formatProblem).join('\n'));
  })();
  return loading;
}
const chosen = async (labels: Fired['labels']) => {
  const choice = chooseRunbook(await catalog(), labels);
  return choice === null ? null : [choice.runbook.id, ...choice.others.map(({ id }) => id)];
};

test.each(TESTS)('promtool finds every rule firing, and silent, as %s says', async (name) => {
  const promtool = await findProgram('promtool', 'prometheus');
  const { stdout } = await run(promtool, ['test', 'rules', join(MONITORING, name)]);
  expect(stdout).toContain('SUCCESS');
});

describe.each(SYSTEMS)('the rules of %s', (system) => {
  test('are each shown firing and silent, and say their system and how bad it is', () => {
    for (const { alert, labels } of rulesOf(system)) {
      expect(labels).toMatchObject({
        system,
        severity: expect.stringMatching(/^(?:critical|warning|info)$/u),
      });
      const mine = fired.filter((one) => one.labels.alertname === alert && one.labels.system === system);
      expect(mine, alert).not.toEqual([]);
      expect(cases.some((one) => one.alertname === alert && one.exp_alerts.length === 0)).toBe(true);
    }
  });

  test('answer to every alert that a runbook waits for', async () => {
    const { runbooks } = (await catalog()).systems.find(({ name }) => name === system) ?? { runbooks: [] };
    const awaited = runbooks
      .flatMap(({ triggers }) => triggers.flat())
      .filter(({ label }) => label === 'alertname');
    const names = new Set(rulesOf(system).map(({ alert }) => alert));
    expect(awaited.length).toBeGreaterThan(0);
    expect(awaited.map(({ value }) => value).filter((name) => !names.has(name))).toEqual([]);
  });
});

test.each(fired.map((one) => [Object.values(one.labels).join(' '), one] as const))(
  'the runbook that the alert names is the one that the bot opens: %s',
  async (_, { labels, annotations }) => {
    expect(annotations.summary).not.toBe('');
    expect((await chosen(labels))?.[0]).toBe(annotations.runbook);
  },
);

test('an alert names a service of its system, so that its steps are asked of one', async () => {
  const { systems } = await catalog();
  const strangers = fired.filter(({ labels }) => {
    const { system, service } = labels;
    if (service === undefined) return false;
    return !systems.some(
      ({ name, services }) => name === system && services.some((entry) => entry.name === service),
    );
  });
  expect(strangers).toEqual([]);
});

/** The pages' own lists: severity, and the runbook for its service. */
const PAGES: readonly (readonly [string, string, string, string | null, string])[] = [
  ['moalog', 'HighErrorRate', 'critical', 'moalog-server', 'high-error-rate'],
  ['moalog', 'HighLatency', 'warning', 'fluxpay-engine', 'high-latency'],
  ['moalog', 'ServiceDown', 'critical', 'jaeger', 'service-down'],
  ['moalog', 'PlatformDown', 'critical', null, 'full-stack-recovery'],
  ['market-data', 'PlatformDown', 'critical', null, 'service-restart'],
  ['moalog', 'DiskSpaceRunningLow', 'warning', null, 'disk-space'],
  ['moalog', 'HighMemoryUsage', 'warning', 'kafka', 'high-memory-usage'],
  ['dbis-core', 'PaymentFailureRateHigh', 'critical', 'app', 'payment-stuck'],
  ['dbis-core', 'TlsConnectionErrors', 'critical', 'app', 'tls-connection'],
  ['dbis-core', 'DatabasePoolExhausted', 'critical', 'postgres', 'database-connection'],
  ['dbis-core', 'HealthCheckFailing', 'critical', 'app', 'database-connection'],
  ['dbis-core', 'PaymentLatencyHigh', 'warning', 'app', 'payment-stuck'],
  ['dbis-core', 'UnmatchedReconciliationItems', 'warning', 'app', 'reconciliation-exceptions'],
  ['dbis-core', 'TlsCircuitBreakerOpen', 'warning', 'app', 'tls-connection'],
  ['market-data', 'ServiceDown', 'critical', 'api', 'service-restart'],
  ['market-data', 'DatabaseUnavailable', 'critical', 'postgres', 'database-connection'],
  ['market-data', 'HighLatency', 'warning', 'api', 'high-resource-use'],
  ['market-data', 'ModelDegraded', 'warning', 'serving', 'model-not-available'],
  ['market-data', 'TrainingCompleted', 'info', 'modeling', 'training-completed'],
  ['market-data', 'DeploymentSucceeded', 'info', 'serving', 'training-completed'],
  ['mari', 'SentinelUnavailable', 'critical', 'sentinel-inference', 'sentinel-unavailable'],
  ['mari', 'BankUnavailable', 'critical', 'mock-bank-hsm', 'bank-unavailable'],
  ['mari', 'MongoWriteErrors', 'critical', 'mongodb', 'mongo-issues'],
  ['mari', 'TrainerBacklog', 'warning', 'sentinel-trainer', 'rabbitmq-backlog'],
  ['butler', 'ServiceDown', 'critical', 'llm-api', 'service-down'],
];

test.each(PAGES)(
  '%s: %s is %s, and of %s opens %s',
  async (system, alertname, severity, service, runbook) => {
    const labels = { alertname, system, severity, ...(service === null ? {} : { service }) };
    expect(fired.map((one) => one.labels)).toContainEqual(expect.objectContaining(labels));
    expect((await chosen(labels))?.[0]).toBe(`${system}/${runbook}`);
  },
);

test('of several runbooks the most specific comes first, and the others are offered', async () => {
  const alert = (alertname: string, system: string, service: string) =>
    chosen({ alertname, system, service });
  expect(await alert('ServiceDown', 'moalog', 'redis')).toEqual(['moalog/redis-down', 'moalog/service-down']);
  expect(await alert('HighMemoryUsage', 'moalog', 'redis')).toEqual([
    'moalog/redis-memory-pressure',
    'moalog/high-memory-usage',
  ]);
  expect(await alert('ServiceDown', 'mari', 'mongodb')).toEqual(['mari/mongo-issues', 'mari/core-errors']);
  expect(await alert('ServiceDown', 'market-data', 'serving')).toEqual([
    'market-data/model-not-available',
    'market-data/service-restart',
  ]);
});

test('an alert that no runbook waits for gets none of another system', async () => {
  expect(await chosen({ alertname: 'TlsConnectionErrors', system: 'moalog' })).toBeNull();
  expect(await chosen({ alertname: 'NeverHeardOf', system: 'butler', service: 'grafana' })).toBeNull();
});
