/** Programs and calls: declared once in system.yaml, and looked up by a runbook's steps. */
import { describe, expect, test } from 'vitest';
import { createActionKinds } from '../../src/actions/index.ts';
import { formatProblem } from '../../src/catalog/load.ts';
import { kinds } from './kinds.ts';
import { load, SYSTEM, serviceOf } from './written.ts';

const actionKinds = createActionKinds({ undoMaxBytes: 1, env: {} });
const PARTS = `programs:
  seed:
    says: Fills the database with one day
    run: [make, seed, "DATE={date}"]
    in: { folder: "\${SHOP_DIR}" }
    danger: disruptive
    environment: [SHOP_SEED_TOKEN]
calls:
  reconcile:
    says: Reconciles one day
    service: web
    method: POST
    path: /reconcile/{date}
    headers: { Authorization: "Bearer \${SHOP_API_TOKEN}" }
    body: { dry: "{dry}" }
    idempotencyKey: true
`;
const operation = (steps: string, params = ''): string =>
  `version: 1\ntitle: Seed\n${params}steps:\n${steps
    .split('\n')
    .map((step) => `  - ${step}\n`)
    .join('')}`;
const DATE = 'params: { day: { type: date, says: which day } }\n';

async function problems(steps: string, params = '', system = PARTS): Promise<readonly string[]> {
  const files = {
    'shop/system.yaml': `${SYSTEM}${system}`,
    'shop/operations/seed.yaml': operation(steps, params),
  };
  const loaded = await load(files, {}, { ...kinds, actionKinds });
  return 'problems' in loaded ? loaded.problems.map(formatProblem) : [];
}

describe('a step that runs a program or makes a call', () => {
  test('is right with a value for each place, also one of a parameter', async () => {
    expect(await problems('{ action: command, program: seed, with: { date: "2024-01-31" } }')).toEqual([]);
    expect(await problems('{ action: command, program: seed, with: { date: "{day}" } }', DATE)).toEqual([]);
    expect(
      await problems(
        '{ action: http.call, call: reconcile, with: { date: "{day}", dry: true } }\n{ probe: health, service: web }',
        DATE,
      ),
    ).toEqual([]);
  });

  test.each([
    [
      '{ action: command, program: sede, with: { date: x } }',
      'there is no program "sede"; did you mean "seed"?',
    ],
    [
      '{ action: command, program: reset, with: { date: x } }',
      'there is no program "reset"; expected one of seed',
    ],
    ['{ action: http.call, call: recncile }', 'there is no call "recncile"; did you mean "reconcile"?'],
    [
      '{ action: command, program: seed }',
      'with has no value for {date} of seed; expected one for each of date',
    ],
    [
      '{ action: command, program: seed, with: { dat: x } }',
      'seed has no place {dat}; expected one of date; did you mean "date"?',
    ],
    [
      '{ action: http.call, call: reconcile, with: { date: "..", dry: true } }',
      'the value of date is "..", which would change the path',
    ],
    ['{ action: command, program: seed, with: { date: [a] } }', 'date is a list; expected a text, a number'],
    ['{ action: command, programm: seed }', 'unknown key "programm"'],
    [
      '{ action: command, program: seed, with: { date: x }, danger: safe }',
      'command is disruptive, which a runbook can raise but never lower',
    ],
    [
      '{ action: alertmanager.silence, matchers: "service", duration: 10m, comment: x }',
      'expected matchers as in',
    ],
    [
      '{ action: alertmanager.silence, matchers: service="redis", duration: 3d, comment: x }',
      'duration is "3d"; expected a duration from 1m to 24h',
    ],
    ['{ action: rabbitmq.purge, service: redis, queue: x }', 'rabbitmq.purge expected amqp:// or amqps://'],
  ])('%s', async (step, says) => {
    const found = await problems(step);
    expect(found.join('\n')).toContain(says);
    expect(found[0]).toMatch(/^shop\/operations\/seed\.yaml:\d+:\d+: /u);
  });

  test('points at the very value that is wrong', async () => {
    const step = '{ action: command, program: seed, with: { date: x, extra: y } }';
    const [found] = await problems(step);
    const line =
      operation(step)
        .split('\n')
        .findIndex((text) => text.includes('extra')) + 1;
    const column = `  - ${step}`.indexOf('y } }') + 1;
    expect(found).toContain(`seed.yaml:${line}:${column}: seed has no place {extra}`);
  });

  test('has no program whose own name is a value', async () => {
    const system = PARTS.replace('run: [make,', 'run: ["{date}",');
    const found = await problems('{ action: command, program: seed, with: { date: x } }', '', system);
    expect(found.join('\n')).toContain('expected a program that is named without a {place}');
  });
});

describe('what is declared', () => {
  test('keeps secrets of programs and calls out of everything that is shown', async () => {
    const env = { SHOP_SEED_TOKEN: 'token-of-seed', SHOP_API_TOKEN: 'token-of-api', SHOP_DIR: '/srv/shop' };
    const loaded = await load({ 'shop/system.yaml': `${SYSTEM}${PARTS}` }, env, { ...kinds, actionKinds });
    if (!('catalog' in loaded)) throw new Error('it has problems');
    expect(loaded.catalog.secrets).toEqual(expect.arrayContaining(['token-of-seed', 'token-of-api']));
    const { programs, calls } = serviceOf(loaded.catalog, 'shop', 'web').target.declared;
    expect(programs.seed).toMatchObject({
      where: { folder: '/srv/shop' },
      missing: [],
      danger: 'disruptive',
    });
    expect(calls.reconcile).toMatchObject({ idempotencyKey: true, danger: 'destructive', expect: [200] });
  });
});
