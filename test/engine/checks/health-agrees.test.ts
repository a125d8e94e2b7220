/** Whatever the services answer, a step that asks a service's health says what /ops health says of it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createActionKinds } from '../../../src/actions/index.ts';
import { formatProblem, loadCatalog } from '../../../src/catalog/load.ts';
import { bindRunbook, HEALTH_PROBE } from '../../../src/domain/bind-runbook.ts';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import { sampleValues } from '../../../src/domain/params.ts';
import type { ProbeResult } from '../../../src/domain/probe.ts';
import type { Catalog, ProbeStep, Runbook, Step, System } from '../../../src/domain/runbook.ts';
import { askService } from '../../../src/engine/checks/ask-service.ts';
import { probeServices } from '../../../src/engine/checks/run-health.ts';
import { resolveIn } from '../../../src/engine/core/resolve.ts';
import { probeKinds } from '../../../src/probes/index.ts';
import { type FiveSystems, startFiveSystems } from '../../e2e/five-systems.ts';

/** The pages' own addresses and what they answer when all is well; everything else is 404. */
const PAGES: Readonly<Record<string, string>> = {
  '/health': '{"status":"healthy"}',
  '/actuator/health': '{"status":"UP"}',
  '/api/v1/health': 'fine',
  '/api/health': '{"database":"ok"}',
  '/healthz': 'healthy',
  '/docs': '<!doctype html>',
  '/ready': 'ready',
  '/-/healthy': 'OK',
  '/-/ready': 'OK',
  '/': '<!doctype html>',
};

const ANSWERS = {
  well: (path: string) => [PAGES[path] === undefined ? 404 : 200, PAGES[path] ?? 'not here', {}],
  '503 on its own path': (path: string) => [PAGES[path] === undefined ? 404 : 503, 'busy', {}],
  'a body that says something else': (path: string) => [
    PAGES[path] === undefined ? 404 : 200,
    '{"status":"DEGRADED"}',
    {},
  ],
  'a redirect to a page that is not there': (path: string) =>
    path === '/login' ? [404, '', {}] : [302, '', { location: '/login' }],
  'a status that no page has': () => [418, '', {}],
} satisfies Record<string, (path: string) => readonly [number, string, Record<string, string>]>;

let five: FiveSystems;
let standIn: Server;
let answer: (path: string) => readonly [number, string, Record<string, string>] = () => [404, '', {}];
let environments: Readonly<Record<'mixed' | 'standIn', Readonly<Record<string, string>>>>;

beforeAll(async () => {
  five = await startFiveSystems();
  standIn = createServer((request, response) => {
    const [status, body, headers] = answer(new URL(request.url ?? '/', 'http://stand-in').pathname);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => standIn.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(standIn.address() as AddressInfo).port}`;
  const http = Object.fromEntries(
    Object.entries(five.env).map(([name, value]) => [name, /^https?:/u.test(value) ? url : value]),
  );
  environments = { mixed: five.env, standIn: http };
}, 120_000);
afterAll(async () => {
  standIn.close().closeAllConnections();
  await five.stop();
});

const actionKinds = createActionKinds({ undoMaxBytes: 1 });

async function engineIn(env: Readonly<Record<string, string>>) {
  const options = { probeKinds, actionKinds, sandboxOnly: false, defaultEnvironment: 'dev' } as const;
  const loaded = await loadCatalog('runbooks', env, options);
  if (!('catalog' in loaded)) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const redact = <T>(value: T): T => value;
  return { catalog: loaded.catalog, probeKinds, actionKinds, redact, signal: new AbortController().signal };
}
type Asking = Awaited<ReturnType<typeof engineIn>>;

interface Asked {
  readonly where: string;
  /** As its row in the journal keeps it. */
  readonly step: ProbeStep;
}

/** Every step of a runbook that asks a service's health, for every service that it can be about. */
function healthSteps(engine: Asking, system: System, runbook: Runbook): readonly Asked[] {
  const bound = [null, ...system.services.map(({ name }) => name)].map((name) =>
    bindRunbook(runbook, system, name),
  );
  const written = [...bound].flatMap((one): readonly (readonly [string, Step])[] => [
    ...one.diagnose.map((step) => ['diagnose', { type: 'probe', ...step }] as const),
    ...one.verify.map((step) => ['verify', { type: 'probe', ...step }] as const),
    ...one.recover.flatMap(({ key, steps }) => steps.map((step) => [key, step] as const)),
    ...one.steps.map((step) => ['steps', step] as const),
  ]);
  return written.flatMap(([place, step]) => {
    if (step.type !== 'probe' || step.probe !== HEALTH_PROBE) return [];
    return sampleValues(runbook.params).map((params): Asked => {
      const resolved = resolveIn(engine, system.name, step, params);
      const where = `${runbook.id} ${place} ${step.key} ${JSON.stringify(params)}`;
      return { where, step: JSON.parse(JSON.stringify(resolved.step)) };
    });
  });
}

/** A time, a place in memory and a port differ between two answers; what is said of the service may not. */
const said = ({ state, reason }: ProbeResult): string =>
  `${state}: ${(reason ?? '').replace(/\d+ ms\b/gu, 'N ms')}`;

async function disagreements(engine: Asking, catalog: Catalog): Promise<{ asked: number; differ: string[] }> {
  const differ: string[] = [];
  let asked = 0;
  for (const system of catalog.systems) {
    const health: Record<string, string> = {};
    await probeServices(engine, system, system.services, (service, result) => {
      health[service] = said(result);
    });
    const steps = system.runbooks.flatMap((runbook) => healthSteps(engine, system, runbook));
    asked += steps.length;
    const answers = new Map<string, Promise<ProbeResult>>();
    for (const { where, step } of steps) {
      // The same question of many runbooks is asked once.
      const question = canonicalJson({ ...step, key: '', title: '', withinMs: 0 });
      const result = answers.get(question) ?? askService(engine, system.name, step);
      answers.set(question, result);
      const found = said(await result);
      if (found !== health[step.service])
        differ.push(`${where}: ${found}; /ops health: ${health[step.service]}`);
    }
  }
  return { asked, differ };
}

describe('every step that asks a service’s health says what /ops health says', () => {
  test('of 32 services: healthy, stopped, with another password, hostile', async () => {
    const engine = await engineIn(environments.mixed);
    const { asked, differ } = await disagreements(engine, engine.catalog);
    expect(differ).toEqual([]);
    expect(asked).toBeGreaterThan(100);
  }, 240_000);

  test.each(Object.entries(ANSWERS))(
    'of services that answer: %s',
    async (_name, answers) => {
      answer = answers as typeof answer;
      const engine = await engineIn(environments.standIn);
      const { differ } = await disagreements(engine, engine.catalog);
      expect(differ).toEqual([]);
    },
    120_000,
  );
});

test.each(['redis', 'mysql', 'kafka', 'grafana'])(
  'restart-service service=%s waits for that service as its health asks it',
  async (service) => {
    const engine = await engineIn(environments.standIn);
    const system = engine.catalog.systems.find(({ name }) => name === 'moalog');
    const runbook = system?.runbooks.find(({ id }) => id === 'moalog/operations/restart-service');
    const health = system?.services.find(({ name }) => name === service)?.probe;
    const [, wait] = runbook?.steps ?? [];
    if (wait === undefined) throw new Error('moalog/operations/restart-service has no second step');
    const { step, problems } = resolveIn(engine, 'moalog', wait, { service });
    expect(problems).toEqual([]);
    expect(step).toMatchObject({
      service,
      probe: health?.probe,
      settings: health?.settings,
      withinMs: 120_000,
    });
  },
);
