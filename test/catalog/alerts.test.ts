import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/catalog/load.ts';
import {
  alertRulesOf,
  DEFAULT_ALERT_RULES,
  routeOf,
  severityOf,
  targetOf,
} from '../../src/domain/alert-rules.ts';
import { catalogOf, problemsOf, SYSTEM } from './written.ts';

const file = (more: string) => ({ 'alerts.yaml': `version: 1\n${more}` });
const rules = async (more: string, env: Record<string, string> = {}) =>
  alertRulesOf(await catalogOf(file(more), env));

describe('alerts.yaml', () => {
  it('is optional', async () => {
    expect(alertRulesOf(await catalogOf())).toEqual(DEFAULT_ALERT_RULES);
  });

  it('says what an alert is about where its labels don’t, the first that matches', async () => {
    const read = await rules(`targets:
  - { match: ['job="redis-exporter"'], system: shop, service: redis }
  - { match: ['namespace=~"pay-.*"'], system: shop, service: "{container}" }
  - { match: ['job=~".*-exporter"'], system: shop }
`);
    expect(targetOf(read, { job: 'redis-exporter', service: 'redis-exporter' })).toEqual({
      system: 'shop',
      service: 'redis',
    });
    expect(targetOf(read, { namespace: 'pay-eu', container: 'web' })).toEqual({
      system: 'shop',
      service: 'web',
    });
    expect(targetOf(read, { namespace: 'pay-eu' })).toEqual({ system: 'shop', service: null });
    expect(targetOf(read, { job: 'kafka-exporter' })).toEqual({ system: 'shop', service: null });
    expect(targetOf(read, { job: 'node' })).toEqual({ system: null, service: null });
  });

  it('never overrules a system that the alert names', async () => {
    const read = await rules(`targets: [{ match: ['job="x"'], system: shop, service: redis }]`);
    expect(targetOf(read, { system: 'other', job: 'x' })).toEqual({ system: 'other', service: null });
    expect(targetOf(read, { system: 'shop', job: 'x' })).toEqual({ system: 'shop', service: 'redis' });
    expect(targetOf(read, { system: 'shop', service: 'web', job: 'x' })).toEqual({
      system: 'shop',
      service: 'web',
    });
  });

  it('sends alerts to a channel, and keeps others out', async () => {
    const read = await rules(
      `routes:
  - { match: ['system="shop"', 'severity="critical"'], channel: "#pay-ops" }
  - { match: ['alertname="InfoInhibitor"'], ignore: true }
  - { match: ['severity!="critical"', 'team="db"'], channel: "\${DB_CHANNEL:-C012AB3CD}" }
  - { match: ['team="nobody"'], channel: "\${UNSET_CHANNEL}" }
`,
    );
    expect(routeOf(read, { system: 'shop', severity: 'Page' })?.channel).toBe('#pay-ops');
    expect(routeOf(read, { system: 'shop', severity: 'warning' })).toBeNull();
    expect(routeOf(read, { alertname: 'InfoInhibitor' })).toMatchObject({ channel: null });
    expect(routeOf(read, { team: 'db', severity: 'P2' })?.channel).toBe('C012AB3CD');
    expect(routeOf(read, { team: 'db', severity: 'P1' })).toBeNull();
    expect(routeOf(read, { team: 'nobody' })).toBeNull();
  });

  it('says what words mean, in any case; what nobody listed is as a warning', async () => {
    const read = await rules('severities: { critical: [Sev1, high], info: [chatty] }');
    const said = ['CRITICAL', 'sev1', 'High', 'error', 'chatty', 'info', 'none', undefined].map((word) =>
      severityOf(read, word),
    );
    expect(said).toEqual([
      'critical',
      'critical',
      'critical',
      'warning',
      'info',
      'info',
      'warning',
      'warning',
    ]);
  });

  it('lets a system name its channel', async () => {
    const catalog = await catalogOf({ 'shop/system.yaml': `${SYSTEM}channel: "#shop-ops"\n` });
    expect(catalog.systems[0]?.channel).toBe('#shop-ops');
  });

  it.each([
    ['targets:\n  - { match: [oops], system: shop }', '3:15', 'one of = != =~ !~'],
    [`targets:\n  - { match: ['job="x"'], system: shpo }`, '3:35', 'did you mean "shop"'],
    [`targets:\n  - { match: ['job="x"'], system: shop, service: rediss }`, '3:50', 'redis'],
    [`targets:\n  - { match: ['job="x"'] }`, '3:5', 'expected a system, a service, or both'],
    [`targets:\n  - { match: ['a="1"', 'a="2"'], system: shop }`, '3:14', "can't both be"],
    [`routes:\n  - { match: ['a="1"'] }`, '3:5', 'expected one of the two'],
    [`routes:\n  - { match: ['a="1"'], channel: pay ops }`, '3:34', '"#name" in quotes'],
    [
      `routes:\n  - { match: ['a="1"'], ignore: true }\n  - { match: ['a="1"'], channel: "#x" }`,
      '4:14',
      'entry 1',
    ],
    ['severities: { critical: [p1], warning: [P1] }', '2:41', 'listed under critical too'],
    ['incidents: { by: alertname }', '2:18', 'a list'],
    ['route: []', '2:1', 'routes'],
  ])('is told at its place what is wrong: %s', async (more, place, said) => {
    const problems = (await problemsOf(file(more))).map(formatProblem);
    expect(problems.join('\n')).toContain(`alerts.yaml:${place}:`);
    expect(problems.join('\n')).toContain(said);
  });
});
