/** Every kind in the table against servers that do everything wrong: it ends in time, says why, leaves nothing open. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FactUnit } from '../../src/domain/fact.ts';
import type { Target } from '../../src/domain/target.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { type Behaviour, type Hostile, startHostile } from '../servers/hostile.ts';
import { waitFor } from '../servers/program.ts';
import { ask } from './asking.ts';
import { memory, openSockets } from './resources.ts';

const TIMEOUT_MS = 400;
/** What goes on without end is what is looked for; a loaded machine is only late. */
const MARGIN_MS = 5000;
const MIB = 1_048_576;

/** Settings that a kind can't do without. */
const SETTINGS: Readonly<Record<string, Record<string, unknown>>> = {
  http: { body: 'healthy' },
  'redis.config': { key: 'maxmemory' },
  'rabbitmq.queue': { queue: 'q' },
  'kafka.lag': { group: 'g' },
  'prometheus.query': { query: 'up' },
  metrics: { names: ['up'] },
  'loki.query': { query: '{a="b"}' },
  'postgres.query': { sql: 'select 1' },
  'docker.env': { names: ['ANY'] },
};
const asked = [...probeKinds.values()].filter((kind) => kind.needs !== 'nothing');

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile.stop());

function targetAt(name: string, port: number): Partial<Target> {
  const { needs } = probeKinds.get(name) ?? { needs: 'nothing' as const };
  const address = `127.0.0.1:${port}`;
  if (typeof needs === 'string') return { dockerHost: `tcp://${address}`, container: 'some' };
  return {
    url: `${needs.schemes[0]}://someone:open-sesame@${address}${name.startsWith('mysql') ? '/db' : ''}`,
  };
}

function settingsOf(name: string): Record<string, unknown> {
  const settings = SETTINGS[name] ?? {};
  if (probeKinds.get(name)?.settings.safeParse(settings).success === true) return settings;
  throw new Error(`${name} has settings that it can’t do without: give it some in SETTINGS of this file`);
}

async function askAt(name: string, port: number) {
  const started = performance.now();
  const late = lateness();
  const result = await ask(name, null, {
    settings: settingsOf(name),
    timeoutMs: TIMEOUT_MS,
    target: targetAt(name, port),
  });
  const took = performance.now() - started - late();
  return { ...result, took };
}

/** Milliseconds for which this process could not run: a busy machine's fault, taken off before the 50 ms are held. */
function lateness(): () => number {
  let last = performance.now();
  let most = 0;
  const timer = setInterval(() => {
    most += Math.max(0, performance.now() - last - 10);
    last = performance.now();
  }, 5);
  return () => {
    clearInterval(timer);
    return most;
  };
}

const nothingOpen = (before: number) =>
  waitFor('the sockets to be closed', 2000, () => (openSockets() <= before ? 'closed' : null));

const timesOut = /^timed out after 400 ms$/u;
const closes = /connection (reset|closed)|does not speak|timed out after/u;
const expected: Readonly<Partial<Record<Behaviour, RegExp>>> = {
  silent: timesOut,
  drip: /timed out after 400 ms|does not speak/u,
  flood: /more than|does not speak|timed out after/u,
  httpFlood: /more than|does not speak|timed out after/u,
  reset: closes,
  cutOff: closes,
  zeros: /does not speak|timed out after|connection (closed|reset)/u,
  banner: /does not speak|timed out after/u,
  hangUp: closes,
  redirect: /redirects more than|HTTP 302|does not speak|timed out after|connection (closed|reset)/u,
  http: /wrong answer|does not speak|timed out after|connection (closed|reset)/u,
};

describe.each(asked.map((kind) => kind.name))('%s', (name) => {
  test.each(Object.entries(expected))('against a target that does “%s”', async (behaviour, reason) => {
    const before = openSockets();
    const result = await askAt(name, hostile.ports[behaviour as Behaviour]);
    expect(result.took).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
    // Nothing but a 2xx is expected of these, so any page will do.
    if (behaviour !== 'http' || !/ready|llm\.health/u.test(name)) {
      expect.soft(result.reason).toMatch(reason);
      expect.soft(result.state).toBe('down');
    }
    expect(JSON.stringify(result)).not.toContain('open-sesame');
    await nothingOpen(before);
  });

  test('says that a connection is refused', async () => {
    const before = openSockets();
    const result = await askAt(name, hostile.closedPort);
    expect(result).toMatchObject({ state: 'down', reason: expect.stringMatching(/connection refused/u) });
    await nothingOpen(before);
  });

  test('stops at once when it is told to', async () => {
    const before = openSockets();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const result = await ask(name, null, {
      settings: settingsOf(name),
      signal: stop.signal,
      target: targetAt(name, hostile.ports.silent),
    });
    expect(result).toMatchObject({ state: 'unknown', reason: 'stopped before it answered' });
    await nothingOpen(before);
  });

  test('is not configured without a target', async () => {
    const result = await ask(name, null, { settings: settingsOf(name) });
    expect(result.state).toBe('unknown');
    expect(result.reason).toMatch(/^not configured/u);
  });
});

test('a flood of 100 MB leaves memory flat', async () => {
  const before = memory();
  for (const { name } of asked) {
    await askAt(name, hostile.ports.flood);
    await askAt(name, hostile.ports.httpFlood);
  }
  expect(memory() - before).toBeLessThan(150 * MIB);
});

test('a thousand probes leave no socket and no memory behind', async () => {
  const behaviours: Behaviour[] = ['reset', 'banner', 'hangUp', 'http', 'http500', 'redirect'];
  const kinds = asked.map((kind) => kind.name);
  const round = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) => {
        const port = hostile.ports[behaviours[i % behaviours.length] ?? 'reset'];
        return askAt(kinds[i % kinds.length] ?? 'http', port);
      }),
    );
  const before = openSockets();
  await round(100);
  const warm = memory();
  for (let i = 0; i < 10; i += 1) await round(100);
  await nothingOpen(before);
  expect(memory() - warm).toBeLessThan(100 * MIB);
}, 60_000);

/** A name that ends in a unit is declared with it, so that a bound can be held against the right one. */
const UNITS: readonly (readonly [RegExp, FactUnit])[] = [
  [/(^|_)bytes$/u, 'bytes'],
  [/_percent$/u, '%'],
  [/_ms$/u, 'ms'],
  [/_seconds$/u, 's'],
  [/_hours$/u, 'h'],
  [/^days_/u, 'days'],
  [/_rate$/u, '/s'],
];

test.each([...probeKinds.values()])('$name declares the units of its facts', ({ facts }) => {
  expect(Object.keys(facts)).not.toEqual([]);
  for (const [fact, declaration] of Object.entries(facts)) {
    const unit = UNITS.find(([ending]) => ending.test(fact))?.[1];
    if (unit !== undefined) expect({ fact, ...declaration }).toEqual({ fact, type: 'number', unit });
  }
});
