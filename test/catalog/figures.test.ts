/** Objectives, watches, further checks and paths to avoid, as they are written in system.yaml. */
import { describe, expect, test } from 'vitest';
import { catalogOf, problemsOf, SYSTEM, serviceOf } from './written.ts';

const withMore = (more: string) => ({ 'shop/system.yaml': `${SYSTEM}${more}` });
const factsOf = async (more: string) => (await catalogOf(withMore(more))).systems[0]?.facts;
const inWeb = (more: string) => ({
  'shop/system.yaml': SYSTEM.replace('path: /health }', `path: /health }\n    ${more}`),
});
const messages = async (files: Readonly<Record<string, string>>) =>
  (await problemsOf(files)).map(({ message }) => message);

describe('objectives and watches', () => {
  test('have their window filled into the query', async () => {
    const facts = await factsOf(
      'objectives: [{ name: Up, objective: 99 %, query: "avg_over_time(up[$window])", target: 99, better: higher, unit: "%", window: 30d }]\n',
    );
    expect(facts?.objectives).toEqual([
      {
        name: 'Up',
        objective: '99 %',
        service: null,
        query: 'avg_over_time(up[30d])',
        target: 99,
        better: 'higher',
        unit: '%',
        window: '30d',
      },
    ]);
  });

  test('a watch says its bound in words, or has none', async () => {
    const facts = await factsOf(
      'watches: [{ name: A, service: web, query: q, bound: "<= 5", unit: ms }, { name: B, query: q, bound: ">= 0.9" }, { name: C, query: q }]\n',
    );
    expect(
      facts?.watches.map(({ objective, target, better, service }) => [objective, target, better, service]),
    ).toEqual([
      ['at most 5 ms', 5, 'lower', 'web'],
      ['at least 0.9', 0.9, 'higher', null],
      ['', null, 'higher', null],
    ]);
  });

  test.each([
    [
      'a service that is not there',
      '{ name: A, query: q, service: wep }',
      /Did you mean|there is no service "wep"/u,
    ],
    ['a window that is not given', '{ name: A, query: "x[$window]" }', /there is no window; expected one/u],
    ['a bound that is none', '{ name: A, query: q, bound: "about 5" }', /a bound such as "<= 5"/u],
    ['a window that is none', '{ name: A, query: q, window: soon }', /a duration such as 5m or 30d/u],
  ])('a watch with %s is a problem', async (_, watch, says) => {
    const found = await messages(withMore(`watches: [${watch}]\n`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
  });

  test('a target needs to know which side of it is good', async () => {
    const [found] = await messages(
      withMore('objectives: [{ name: A, objective: x, query: q, target: 5 }]\n'),
    );
    expect(found).toMatch(/target and better go together/u);
  });
});

describe('further checks of a service', () => {
  test('ask the service that they are written under, unless they name another', async () => {
    const catalog = await catalogOf(
      inWeb(
        'checks: [{ ready: { title: Ready, probe: http, path: /ready } }, { cache: { probe: redis.ping, service: redis, deep: true } }]',
      ),
    );
    expect(
      serviceOf(catalog, 'shop', 'web').checks?.map(({ key, probe, service, settings, deep }) => [
        key,
        probe,
        service,
        settings,
        deep,
      ]),
    ).toEqual([
      ['ready', 'http', 'web', { path: '/ready' }, false],
      ['cache', 'redis.ping', 'redis', {}, true],
    ]);
  });

  test.each([
    ['an action', '[{ flush: { action: redis.flushdb, db: 0 } }]', /an action in services/u],
    ['an unknown probe', '[{ probe: htpp }]', /there is no probe "htpp"/u],
    [
      'deep that is no yes or no',
      '[{ probe: http, path: /x, deep: perhaps }]',
      /deep is "perhaps"; expected true or false/u,
    ],
  ])('are not %s', async (_, checks, says) => {
    const found = await messages(inWeb(`checks: ${checks}`));
    expect(found.join('\n')).toMatch(says);
  });
});

describe('a path that no probe may ask', () => {
  test.each([
    ['by health', inWeb('avoid: [/health]')],
    [
      'by a check, further down',
      inWeb('avoid: [/api]\n    checks: [{ probe: http, path: /api/predict?x=1 }]'),
    ],
    [
      'by a runbook',
      {
        ...inWeb('avoid: [/predict]'),
        'shop/ask.yaml':
          'version: 1\ntitle: Ask\ndiagnose:\n  - ask: { probe: http, service: web, path: /predict }\n',
      },
    ],
  ])('is not asked %s', async (_, files) => {
    const found = await messages(files);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/the service's avoid says that no probe goes to/u);
  });

  test('does not take away what only begins alike', async () => {
    await catalogOf(inWeb('avoid: [/heal]'));
  });
});
