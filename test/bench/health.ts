/** Many HTTP probes at once; beside a bare `Promise.all` over undici, and Prometheus's own prober, on the same targets. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { runProbe } from '../../src/domain/run-probe.ts';
import { NOTHING_DECLARED, type Target } from '../../src/domain/target.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { startBlackbox } from './blackbox.ts';
import { median, type Row } from './table.ts';

const TIMEOUT_MS = 2000;
const NOWHERE = {
  container: null,
  dockerHost: 'unix:///nowhere',
  sandboxOnly: false,
  catalogVolumes: [],
  composeProjects: [],
  declared: NOTHING_DECLARED,
};

/** One answers after 400 ms, one hangs, the rest answer after 20 ms. */
async function targets(n: number, hangs = true): Promise<{ urls: readonly string[]; stop(): void }> {
  const server: Server = createServer((req, res) => {
    const path = req.url ?? '';
    if (path.includes('hang')) return;
    setTimeout(() => res.end('ok'), path.includes('slow') ? 400 : 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const urls = Array.from(
    { length: n },
    (_, i) => `${base}/${i === 0 ? 'slow' : i === 1 && hangs ? 'hang' : 'quick'}`,
  );
  return { urls, stop: () => server.closeAllConnections() };
}

async function ours(urls: readonly string[]): Promise<number> {
  const http = probeKinds.get('http');
  if (http === undefined) throw new Error('no http probe');
  const step = {
    key: 'k',
    title: null,
    probe: 'http',
    service: 's',
    settings: {},
    expect: null,
    withinMs: 0,
    timeoutMs: TIMEOUT_MS,
  };
  const begun = performance.now();
  await Promise.all(
    urls.map((url) => {
      const target: Target = { system: 's', service: 's', environment: 'dev', url, ...NOWHERE };
      return runProbe(http, target, step, new AbortController().signal);
    }),
  );
  return performance.now() - begun;
}

async function bare(urls: readonly string[]): Promise<number> {
  const begun = performance.now();
  await Promise.allSettled(
    urls.map(async (url) => {
      const { body } = await request(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      await body.dump();
    }),
  );
  return performance.now() - begun;
}

/** As Prometheus asks it: one request for each target. */
async function blackbox(exporter: string, urls: readonly string[]): Promise<number> {
  const begun = performance.now();
  await Promise.all(
    urls.map(async (url) => {
      const { body } = await request(`${exporter}/probe?module=http&target=${encodeURIComponent(url)}`);
      await body.dump();
    }),
  );
  return performance.now() - begun;
}

export async function benchHealth(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const exporter = await startBlackbox(TIMEOUT_MS);
  for (const n of [12, 500]) {
    const world = await targets(n);
    const [mine, floor, theirs]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < 3; i += 1) {
      mine.push(await ours(world.urls));
      floor.push(await bare(world.urls));
      theirs.push(await blackbox(exporter.url, world.urls));
    }
    world.stop();
    const what = `${n} HTTP probes, one slow, one hanging (2000 ms)`;
    const ms = median(mine);
    rows.push({ what, ms, baseline: 'undici Promise.all', baselineMs: median(floor) });
    rows.push({ what, ms, baseline: 'blackbox_exporter', baselineMs: median(theirs) });
    rows.push(await withoutHanging(n, exporter.url));
  }
  await exporter.stop();
  return rows;
}

/** What the slowest answer takes, and what we add to it. */
async function withoutHanging(n: number, exporter: string): Promise<Row> {
  const world = await targets(n, false);
  const [mine, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < 3; i += 1) {
    mine.push(await ours(world.urls));
    theirs.push(await blackbox(exporter, world.urls));
  }
  world.stop();
  const what = `${n} HTTP probes, one slow (400 ms)`;
  return { what, ms: median(mine), baseline: 'blackbox_exporter', baselineMs: median(theirs) };
}
