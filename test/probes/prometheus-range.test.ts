import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryRange } from '../../src/probes/prometheus-range.ts';
import { waitFor } from '../servers/program.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';

describe('a metric over an hour, from a real Prometheus', () => {
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await startPrometheus({ jobs: { gone: ['127.0.0.1:1'] } });
    await waitFor('both jobs', 20_000, async () => {
      const answer = await request(`${server.url}/api/v1/query?query=count(up)`);
      return JSON.stringify(await answer.body.json()).includes('"2"');
    });
  });
  afterAll(() => server.stop());
  const ask = (query: string, url = server.url) => {
    const to = Date.now();
    const context = { signal: AbortSignal.timeout(5000), timeoutMs: 5000 };
    return queryRange(url, query, { from: to - 3_600_000, to }, context);
  };

  it('has 120 points, null where nothing was measured', async () => {
    const { series, left } = await ask('up{job="prometheus"}');
    expect([series.length, left]).toEqual([1, 0]);
    const points = series[0]?.points ?? [];
    expect(points).toHaveLength(120);
    expect(points[0]?.[1]).toBeNull();
    expect(points.at(-1)?.[1]).toBe(1);
    expect((points[1]?.[0] ?? 0) - (points[0]?.[0] ?? 0)).toBe(30_000);
  });

  it('names series by what tells them apart', async () => {
    const { series } = await ask('label_replace(up, "instance", "i", "", "")');
    expect(series.map(({ name }) => name)).toEqual(['prometheus', 'gone']);
    expect((await ask('vector(1)')).series[0]?.name).toBe('value');
  });

  it('has at most eight series, the highest, and says how many are left', async () => {
    const { series, left } = await ask('{__name__=~"prometheus_tsdb_.+"}');
    expect(series).toHaveLength(8);
    expect(left).toBeGreaterThan(0);
    const peaks = series.map(({ points }) => Math.max(...points.map(([, value]) => value ?? -1)));
    expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
  });

  it('has no series where nothing is found, and no number where there is none', async () => {
    expect(await ask('nobody')).toEqual({ series: [], left: 0 });
    const { series } = await ask('vector(0) / 0');
    expect(series[0]?.points.every(([, value]) => value === null)).toBe(true);
  });

  it('fails with a reason when the query is wrong, or nobody answers', async () => {
    await expect(ask('up{')).rejects.toThrow('the query failed');
    await expect(ask('up', 'http://127.0.0.1:1')).rejects.toThrow(/refused/u);
  });
});
