import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseRunbook, operationsFor } from '../../src/domain/choose-runbook.ts';
import { matches, parseMatchers } from '../../src/domain/matchers.ts';
import type { Catalog, Matcher, ProbeStep, Runbook, ServiceEntry, System } from '../../src/domain/runbook.ts';
import { NOTHING_DECLARED } from '../../src/domain/target.ts';

function parsed(text: string): readonly Matcher[] {
  const result = parseMatchers(text);
  if ('error' in result) throw new Error(result.error);
  return result.matchers;
}

describe('matchers are read as Alertmanager reads them', () => {
  test.each([
    ['alertname="X"', [['alertname', '=', 'X']]],
    ['{alertname="X"}', [['alertname', '=', 'X']]],
    [
      ' a = "1" , b != "2", ',
      [
        ['a', '=', '1'],
        ['b', '!=', '2'],
      ],
    ],
    [
      '{a=~"x|y",b!~"z.*",}',
      [
        ['a', '=~', 'x|y'],
        ['b', '!~', 'z.*'],
      ],
    ],
    ['a=b', [['a', '=', 'b']]],
    ['a=""', [['a', '=', '']]],
    [
      '{"k8s.pod"="x", größe=~"1|2"}',
      [
        ['k8s.pod', '=', 'x'],
        ['größe', '=~', '1|2'],
      ],
    ],
    [String.raw`a="say \"hi\" \\ \n"`, [['a', '=', 'say "hi" \\ \n']]],
    ['a="x,y}z"', [['a', '=', 'x,y}z']]],
  ])('%s', (text, expected) => {
    expect(parsed(text).map(({ label, op, value }) => [label, op, value])).toEqual(expected);
  });

  test.each([
    ['', 'found the end, expected the name of a label', 0],
    ['{}', 'expected the name of a label', 1],
    ['alertname', 'found the end, expected one of = != =~ !~', 9],
    ['alertname=', 'expected a value in double quotes', 10],
    ['a="x" b="y"', 'found "b="y"", expected a comma or the end', 6],
    ['{a="x"', 'expected }', 6],
    ['a="x', 'expected a value in double quotes', 2],
    ['5a="x"', 'expected the name of a label', 0],
    ['a=~"("', 'not a regular expression', 3],
    ['a=~"(?=a)"', 'not a regular expression of RE2', 3],
    ['a=~"(a)\\\\1"', 'invalid escape sequence', 3],
    [`a=~"${'x'.repeat(1001)}"`, 'longer than', 3],
  ])('%s is refused', (text, error, at) => {
    expect(parseMatchers(text)).toEqual({ error: expect.stringContaining(error), at });
  });

  test('any text at all has an answer, soon', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab={}~!",\\ ') })), (text) => {
        const result = parseMatchers(text);
        return 'error' in result ? result.at <= text.length : result.matchers.length > 0;
      }),
    );
  });
});

describe('a matcher', () => {
  test.each([
    ['service="redis"', { service: 'redis' }, true],
    ['service="redis"', { service: 'redis2' }, false],
    ['service!="redis"', {}, true],
    ['service=""', {}, true],
    ['service=~"redis|mysql"', { service: 'mysql' }, true],
    ['service=~"redis|mysql"', { service: 'mysql-2' }, false],
    ['service=~"red"', { service: 'redis' }, false],
    ['service=~"re.*"', { service: 'redis' }, true],
    ['service=~".*"', {}, true],
    ['service=~".+"', {}, false],
    ['service!~"re.*"', { service: 'redis' }, false],
    ['service!~"re.*"', {}, true],
    ['service=~"a.b"', { service: 'a\nb' }, false],
    ['toString=""', {}, true],
  ])('%s on %j: %s', (text, labels: Record<string, string>, expected) => {
    const [matcher] = parsed(text);
    expect(matcher === undefined ? null : matches(matcher, labels)).toBe(expected);
  });

  test('a label of 64 KB is answered at once', () => {
    const started = performance.now();
    for (const matcher of parsed('a=~".*x.*y"')) matches(matcher, { a: 'x'.repeat(65_536) });
    for (const matcher of parsed('a=~".*x.*y"')) matches(matcher, { a: 'x'.repeat(500) });
    expect(performance.now() - started).toBeLessThan(200);
  });
});

const probe = (service: string, kind: string): ProbeStep => ({
  key: kind,
  title: null,
  probe: kind,
  service,
  settings: {},
  expect: null,
  withinMs: 0,
  timeoutMs: 1000,
});

function runbook(id: string, triggers: readonly string[], changes: Partial<Runbook> = {}): Runbook {
  return {
    id,
    version: 1,
    system: id.split('/')[0] ?? '',
    title: id,
    triggers: triggers.map(parsed),
    symptoms: [],
    impact: [],
    condition: null,
    steps: [],
    params: [],
    diagnose: [],
    recover: [],
    verify: [],
    notes: [],
    links: [],
    escalate: null,
    ...changes,
  };
}

function service(name: string): ServiceEntry {
  const target = {
    system: 'shop',
    service: name,
    environment: 'dev',
    url: `http://${name}`,
    container: null,
    dockerHost: '',
    sandboxOnly: false,
    catalogVolumes: [],
    composeProjects: [],
    declared: NOTHING_DECLARED,
  } as const;
  const health = { ...probe(name, 'http'), settings: { path: '/health' } };
  return { name, target, probe: health, sharedWith: [], notConfigured: null, notes: [] };
}

function catalog(...runbooks: readonly Runbook[]): Catalog {
  const names = [...new Set(runbooks.map(({ system }) => system))];
  const systems = names.map((name): System => {
    const own = runbooks.filter(({ system }) => system === name);
    return {
      name,
      title: name,
      environment: 'dev',
      services: [service('redis'), service('web')],
      links: [],
      runbooks: own,
    };
  });
  return { systems, organisation: { techLead: [], onCall: [], dutyOfficer: [] }, secrets: [] };
}

describe('choosing the runbook', () => {
  const choose = (from: Catalog, labels: Record<string, string>) => {
    const choice = chooseRunbook(from, labels);
    return choice === null ? null : [choice.runbook.id, ...choice.others.map(({ id }) => id)];
  };
  const two = catalog(
    runbook('shop/down', ['alertname="ServiceDown"']),
    runbook('shop/redis-down', ['alertname="ServiceDown", service="redis"']),
    runbook('shop/store-down', ['alertname="ServiceDown", service=~"redis|mysql"']),
    runbook('bank/down', ['alertname="ServiceDown"']),
  );

  test('most matchers come first, exact ones before patterns, then the id', () => {
    expect(choose(two, { alertname: 'ServiceDown', service: 'redis' })).toEqual([
      'shop/redis-down',
      'shop/store-down',
      'bank/down',
      'shop/down',
    ]);
  });

  test('the system’s label narrows the choice', () => {
    expect(choose(two, { alertname: 'ServiceDown', system: 'bank' })).toEqual(['bank/down']);
    expect(choose(two, { alertname: 'ServiceDown', system: 'nowhere' })).toBeNull();
  });

  test('an alert that no trigger knows has none', () => {
    expect(choose(two, { alertname: 'Watchdog' })).toBeNull();
    expect(choose(catalog(runbook('shop/by-hand', [])), { alertname: 'X' })).toBeNull();
  });

  test('any of several triggers is enough, and the best of them counts', () => {
    const from = catalog(
      runbook('shop/a', ['alertname="X"', 'alertname="X", service="web", severity="critical"']),
      runbook('shop/b', ['alertname="X", service="web"']),
    );
    expect(choose(from, { alertname: 'X', service: 'web', severity: 'critical' })?.[0]).toBe('shop/a');
    expect(choose(from, { alertname: 'X', service: 'web' })?.[0]).toBe('shop/b');
  });
});

describe('a runbook for the service that the alert names', () => {
  const generic = runbook('shop/down', ['alertname="ServiceDown"'], {
    diagnose: [probe('alert', 'health'), probe('alert', 'docker.logs'), probe('redis', 'redis.ping')],
    recover: [
      {
        key: 'restart',
        title: 'Restart it',
        propose: false,
        caution: null,
        steps: [
          {
            type: 'action',
            key: 'restart',
            title: null,
            action: 'x',
            service: 'alert',
            settings: {},
            danger: null,
            timeoutMs: 1,
          },
        ],
      },
    ],
  });
  const bound = (labels: Record<string, string>) =>
    chooseRunbook(catalog(generic), { alertname: 'ServiceDown', ...labels })?.runbook;

  test('asks that service, and what its health asks is known when the step is resolved', () => {
    expect(bound({ service: 'web' })).toMatchObject({
      diagnose: [
        { service: 'web', probe: 'health', settings: {} },
        { service: 'web', probe: 'docker.logs' },
        { service: 'redis', probe: 'redis.ping' },
      ],
      recover: [{ key: 'restart', steps: [{ service: 'web' }] }],
      notes: [],
    });
  });

  test.each([
    [{}, 'The alert has no label "service", so nothing was asked of it: try /ops health shop.'],
    [{ service: 'wbe' }, '"wbe" is no service of shop, so nothing was asked of it: try /ops health shop.'],
  ])('%j: leaves out what it can not ask, and says so', (labels: Record<string, string>, note) => {
    const found = bound(labels);
    expect(found?.diagnose.map(({ service }) => service)).toEqual(['redis']);
    expect(found?.recover).toEqual([]);
    expect(found?.notes).toEqual([note]);
  });
});

describe('an operation that names an alert', () => {
  const step = { type: 'task', key: 'do', title: null, task: 'do it' } as const;
  const from = catalog(runbook('shop/recover', ['alertname="Broken"'], { steps: [step] }));

  test('is offered for it, in its own system alone, and never chosen as its runbook', () => {
    const labels = { alertname: 'Broken', system: 'shop' };
    expect(chooseRunbook(from, labels)).toBeNull();
    expect(operationsFor(from, 'shop', labels).map(({ id }) => id)).toEqual(['shop/recover']);
    expect(operationsFor(from, 'shop', { alertname: 'Other' })).toEqual([]);
    expect(operationsFor(from, 'infra', labels)).toEqual([]);
  });
});
