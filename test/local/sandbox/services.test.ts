import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Sandbox } from '../../../src/local/sandbox/open-sandbox.ts';
import { dataFolder, opened } from './opened.ts';
import { type Receiver, startReceiver } from './receiver.ts';

// The first to ask for a server may have to wait until it is installed.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let receiver: Receiver;
let folder: Awaited<ReturnType<typeof dataFolder>>;
let sandbox: Sandbox;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = await dataFolder();
  sandbox = await opened(folder.dir, receiver);
});
afterEach(async () => {
  await sandbox.stop();
  await receiver.stop();
  await folder.remove();
});

describe('the sandbox’s moalog', () => {
  test.each([
    ['MOALOG_MOALOG_SERVER_URL', '/health', /^healthy$/],
    ['MOALOG_RATE_LIMITER_URL', '/actuator/health', /^\{"status":"UP"\}$/],
    ['MOALOG_FLUXPAY_ENGINE_URL', '/api/v1/health', /UP/],
    ['MOALOG_PROMETHEUS_URL', '/-/healthy', /Healthy/],
    ['MOALOG_GRAFANA_URL', '/api/health', /"database":"ok"/],
    ['MOALOG_ALERTMANAGER_URL', '/-/healthy', /OK/],
    ['MOALOG_LOKI_URL', '/ready', /ready/],
    ['MOALOG_JAEGER_URL', '/', /Jaeger/],
  ])('%s answers at %s as its runbook expects', async (variable, path, body) => {
    const response = await fetch(`${sandbox.env[variable]}${path}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(body);
    expect((await fetch(`${sandbox.env[variable]}/no-such-path`)).status).toBe(404);
  });

  test('has an address for each of the twelve services, and says of two that it has none', () => {
    expect(Object.keys(sandbox.env)).toHaveLength(12);
    expect(sandbox.env.MOALOG_MYSQL_URL).toBe('none:not part of the sandbox');
    expect(sandbox.env.MOALOG_KAFKA_URL).toBe('none:not part of the sandbox');
    expect(sandbox.env.MOALOG_POSTGRES_URL).toMatch(/^postgres:/);
  });

  test('keeps its addresses over a restart', async () => {
    const before = sandbox.env;
    await sandbox.stop();
    sandbox = await opened(folder.dir, receiver);
    expect(sandbox.env).toEqual(before);
  });

  test('refuses connections to fluxpay-engine while it is stopped from the panel', async () => {
    const url = `${sandbox.env.MOALOG_FLUXPAY_ENGINE_URL}/api/v1/health`;
    await sandbox.panel.press('stop-fluxpay');
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    const { lines, buttons } = await sandbox.panel.state();
    expect(lines).toContain('fluxpay-engine: stopped');
    expect(buttons.map((button) => button.title)).toContain('Start fluxpay-engine');
    await sandbox.panel.press('start-fluxpay');
    expect((await fetch(url)).status).toBe(200);
  });

  test('answers a button that is not there with a line', async () => {
    await sandbox.panel.press('no-such-button');
    expect((await sandbox.panel.state()).lines.at(-1)).toMatch(/not there any more/);
  });
});
