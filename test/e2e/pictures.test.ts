import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/local/workspace/store.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, rootWith, thread } from './slack-thread.ts';
import { type AlertDraft, sendAlerts } from './webhook.ts';

const RUNBOOKS = fileURLToPath(new URL('../../runbooks', import.meta.url));
const UPLOAD = 'files.getUploadURLExternal';
const RUNBOOK = `
version: 1
title: Prometheus keeps too many series
triggers: ['alertname="TooManySeries", service="prometheus"']
picture: { query: 'prometheus_tsdb_head_series{job="prometheus"}', title: Series in memory, threshold: 500 }
diagnose:
  - ready: { title: Prometheus answers, probe: prometheus.ready, service: prometheus }
`;

interface Image {
  readonly type: string;
  readonly slack_file?: { readonly id: string };
  readonly alt_text?: string;
}
const imageOf = (message: Message | undefined): Image | undefined =>
  ((message?.blocks ?? []) as readonly unknown[] as readonly Image[]).find((block) => block.type === 'image');

describe('the picture of a metric', () => {
  let prometheus: PrometheusServer;
  let world: World;
  let runbooks: string;
  beforeAll(async () => {
    prometheus = await startPrometheus();
    runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
    cpSync(RUNBOOKS, runbooks, { recursive: true });
    writeFileSync(join(runbooks, 'moalog', 'too-many-series.yaml'), RUNBOOK);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      RUNBOOKS_DIR: runbooks,
      MOALOG_PROMETHEUS_URL: prometheus.url,
      MARI_PROMETHEUS_URL: 'none:not here',
    });
    await waitFor('a first sample', 20_000, async () => {
      const answer = await request(`${prometheus.url}/api/v1/query?query=prometheus_tsdb_head_series`);
      return JSON.stringify(await answer.body.json()).includes('"value"');
    });
  });
  afterEach(() => world.workspace.faults.clear());
  afterAll(async () => {
    await world?.stop();
    await prometheus?.stop();
    if (runbooks !== undefined) rmSync(runbooks, { recursive: true, force: true });
  });

  const uploads = (): number =>
    world.workspace.store.calls.filter((call) => call.method === UPLOAD && call.answer === 'ok').length;
  const expression = (query: string): string =>
    `http://prometheus.invalid/graph?${new URLSearchParams({ 'g0.expr': query, 'g0.tab': '1' })}`;
  const fire = async (alert: AlertDraft): Promise<Message> => {
    await sendAlerts(world, [alert], alert.labels.alertname);
    return rootWith(world.workspace, alert.labels.alertname ?? '');
  };
  const unknownAlert = (alertname: string, query: string): AlertDraft => ({
    labels: { alertname, system: 'moalog', severity: 'warning' },
    generatorURL: expression(query),
  });
  const replyWithPicture = (root: Message): Promise<Message> =>
    waitFor('a reply with a picture', 30_000, () =>
      thread(world.workspace, root.ts).find((message) => imageOf(message) !== undefined),
    );

  it('that the runbook names stands in the diagnosis, and costs no message of its own', async () => {
    const root = await fire({
      labels: { alertname: 'TooManySeries', system: 'moalog', service: 'prometheus', severity: 'warning' },
    });
    const reply = await replyWithPicture(root);
    const image = imageOf(reply);
    expect(image?.alt_text).toBe('Series in memory, over the last hour');
    const file = world.workspace.store.files.get(image?.slack_file?.id ?? '');
    expect(file?.body.subarray(1, 4).toString()).toBe('PNG');
    expect(file?.body.length).toBeLessThan(200 * 1024);
    await replyWith(world.workspace, root.ts, 'Prometheus answers');
    expect(thread(world.workspace, root.ts)).toHaveLength(1);
  });

  it('of an alert without a runbook is the alert’s own', async () => {
    const root = await fire(unknownAlert('OwnExpression', 'prometheus_tsdb_head_series > 10'));
    expect(imageOf(await replyWithPicture(root))?.alt_text).toBe('OwnExpression, over the last hour');
    expect(thread(world.workspace, root.ts)).toHaveLength(1);
  });

  it('is drawn once: a bot that is killed and started again shows the same file', async () => {
    const root = await fire(unknownAlert('DrawnOnce', 'up > 10'));
    const before = imageOf(await replyWithPicture(root))?.slack_file?.id;
    const count = uploads();
    await world.restart('SIGKILL');
    world.workspace.store.remove(root);
    // A change of the root brings the whole thread back, with the file that was uploaded by the process that was killed.
    await sendAlerts(world, [{ ...unknownAlert('DrawnOnce', 'up > 10'), status: 'resolved' }], 'DrawnOnce');
    const again = await waitFor('another root', 20_000, () =>
      world.workspace.store
        .messages()
        .find((m) => m.ts > root.ts && m.threadTs === null && m.text.includes('DrawnOnce')),
    );
    expect(imageOf(await replyWithPicture(again))?.slack_file?.id).toBe(before);
    expect(uploads()).toBe(count);
  });

  it('is drawn anew when the alert fires again', async () => {
    const alert = unknownAlert('Again', 'up > 20');
    const root = await fire(alert);
    const first = imageOf(await replyWithPicture(root))?.slack_file?.id;
    await sendAlerts(world, [{ ...alert, status: 'resolved' }], 'Again');
    await rootWith(world.workspace, 'Again', 'resolved');
    await sendAlerts(world, [{ ...alert, startsAt: new Date().toISOString() }], 'Again');
    await waitFor('another picture', 30_000, () => {
      const id = thread(world.workspace, root.ts)
        .map(imageOf)
        .find((image) => image !== undefined)?.slack_file?.id;
      return id !== undefined && id !== first;
    });
  });

  it('keeps no text waiting while Slack is not ready for the file, and comes when it is', async () => {
    world.workspace.slowFiles.ms = 3000;
    const started = Date.now();
    const root = await fire(unknownAlert('NotReady', 'up > 30'));
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    expect(imageOf(await replyWithPicture(root))).toBeDefined();
    expect(Date.now() - started).toBeGreaterThan(2500);
    world.workspace.slowFiles.ms = 0;
    expect(world.workspace.store.calls.some(({ answer }) => answer === 'invalid_blocks')).toBe(true);
    expect(thread(world.workspace, root.ts)).toHaveLength(1);
    const [first] = world.workspace.store.history(
      root.channel,
      thread(world.workspace, root.ts)[0]?.ts ?? '',
    );
    expect(imageOf(first)).toBeUndefined();
  });

  it('that can’t be uploaded is a log line, and a thread without a picture', async () => {
    world.workspace.faults.next(UPLOAD, { kind: 'error', error: 'missing_scope' }, 1);
    const root = await fire(unknownAlert('NoScope', 'up > 40'));
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    await waitFor('the log line', 20_000, () =>
      world.bot.output().includes('a picture could not be uploaded'),
    );
    expect(thread(world.workspace, root.ts).map(imageOf)).toEqual([undefined]);
  });

  it('shows in the page of the local workspace, from this machine', async () => {
    const file = [...world.workspace.store.files.values()].find(({ name }) => name === 'picture.png');
    const answer = await request(
      `${new URL(world.env.SLACK_API_URL ?? '').origin}/slack-workspace/file/${file?.id}`,
    );
    expect(answer.headers['content-type']).toBe('image/png');
    expect(Buffer.from(await answer.body.arrayBuffer()).equals(file?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it('is left out, without a word, where there is no Prometheus, or it hangs: no text waits for it', async () => {
    const hangs = createServer();
    await new Promise<void>((resolve) => hangs.listen(0, '127.0.0.1', resolve));
    const before = world.workspace.store.calls.length;
    const none = { labels: { alertname: 'NoPrometheus', system: 'mari', severity: 'warning' } };
    const root = await fire({ ...none, generatorURL: expression('up > 50') });
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    await world.restart('SIGTERM', {
      MOALOG_PROMETHEUS_URL: `http://127.0.0.1:${(hangs.address() as AddressInfo).port}`,
    });
    const away = await fire(unknownAlert('Away', 'up > 60'));
    await replyWith(world.workspace, away.ts, 'No runbook matches');
    // It has five seconds to answer, and is given up after them.
    expect(world.bot.output()).not.toContain('nothing to draw');
    await waitFor('three tries', 60_000, () => world.bot.output().split('nothing to draw').length > 3);
    const calls = world.workspace.store.calls.slice(before);
    expect(calls.filter(({ method }) => method.startsWith('files.'))).toEqual([]);
    expect(world.bot.output()).not.toMatch(/"level":(40|50).*picture/u);
    hangs.close();
    for (const ts of [root.ts, away.ts])
      expect(thread(world.workspace, ts).map(imageOf)).toEqual([undefined]);
  });
});
