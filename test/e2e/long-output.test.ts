/** Output that is longer than a message: shared whole as a file in the thread, once. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message, StoredFile } from '../../src/local/workspace/store.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { lastTs, replyWith, roots, rootWith, thread, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const TOKEN = 'the-token-that-nobody-sees';
const LINES = 1200;
const STEPS = 12;
const system = (loki: string): string => `version: 1
title: Shop
services:
  loki: { url: "${loki}", probe: { probe: http, path: /ready } }
programs:
  print:
    says: Prints many lines
    run: [./print]
    in: { folder: "\${SHOP_DIR}" }
    environment: [SHOP_TOKEN]
    danger: safe
  shout: { says: Prints one line, run: [echo, "HELLO {word}"], in: { folder: "\${SHOP_DIR}" }, danger: disruptive }
  hello: { says: Prints one line, run: [echo, hello], in: { folder: "\${SHOP_DIR}" }, danger: safe }
`;
const operation = (title: string, program: string, times: number): string => `version: 1
title: ${title}
steps:
${Array.from({ length: times }, (_, i) => `  - step${i}: { action: command, program: ${program} }`).join('\n')}
`;
const CHATTY = `version: 1
title: Chatty
triggers: ['alertname="Chatty"']
diagnose:
  - log: { probe: loki.query, service: loki, query: '{app="web"}', lines: 200, minutes: 60 }
recover:
  - shout: { title: Shout, steps: [{ action: command, program: shout, with: { word: there } }] }
`;

describe('output longer than a message', { timeout: 120_000 }, () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pageturner-output-')));
  let loki: Server;
  let world: World;

  beforeAll(async () => {
    loki = createServer((_, res) => {
      const values = Array.from({ length: 200 }, (_, i) => [
        `${Date.now() - 1000 + i}000000`,
        `request number ${i} was served without any trouble`,
      ]);
      const result = [{ stream: { app: 'web' }, values }];
      res.end(JSON.stringify({ status: 'success', data: { resultType: 'streams', result } }));
    });
    await new Promise<void>((resolve) => loki.listen(0, '127.0.0.1', resolve));
    const runbooks = join(folder, 'runbooks');
    mkdirSync(join(runbooks, 'shop', 'operations'), { recursive: true });
    const files = {
      'shop/system.yaml': system(`http://127.0.0.1:${(loki.address() as AddressInfo).port}`),
      'shop/chatty.yaml': CHATTY,
      'shop/operations/print.yaml': operation('Print a lot', 'print', 1),
      'shop/operations/hello.yaml': operation('Say hello', 'hello', 1),
      'shop/operations/many.yaml': operation('Print again and again', 'print', STEPS),
      'org.yaml': `version: 1\nroles: { tech-lead: ${PEOPLE.lead.id}, on-call: ${PEOPLE.onCall.id} }\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(runbooks, name), text);
    const script = `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "line $i of a long story, $SHOP_TOKEN"; done`;
    writeFileSync(join(folder, 'print'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'print'), 0o755);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      RUNBOOKS_DIR: runbooks,
      SHOP_DIR: folder,
      SHOP_TOKEN: TOKEN,
    });
  });
  afterAll(async () => {
    await world.stop();
    loki.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const onCall = () => world.workspace.as(PEOPLE.onCall.id);
  const filesIn = (root: Message): readonly StoredFile[] =>
    thread(world.workspace, root.ts).flatMap(({ files }) =>
      files.flatMap((id) => world.workspace.store.files.get(id) ?? []),
    );
  const told = async (line: string, part: string): Promise<Message> => {
    const after = lastTs(world.workspace);
    await onCall().command(line);
    return toldAlone(world.workspace, PEOPLE.onCall.id, part, after);
  };
  const startRun = async (id: string, title: string): Promise<Message> => {
    const before = lastTs(world.workspace);
    await onCall().command(`/ops run shop/operations/${id}`);
    return waitFor(`the run ${title}`, 30_000, () =>
      roots(world.workspace).find(({ text, ts }) => ts > before && text.includes(title)),
    );
  };
  const fileOf = (root: Message): Promise<StoredFile> =>
    waitFor('its file', 60_000, () => filesIn(root)[0] ?? null);

  it('of a run is a file in its thread, whole and without secrets; a short one is not', async () => {
    const root = await startRun('print', 'Print a lot');
    const file = await fileOf(root);
    const shown = await rootWith(world.workspace, 'Print a lot', '*done*', 'All of it');
    const step = /STEP-\d+/u.exec(shown.text)?.[0] ?? '?';
    expect(file.name).toBe(`${step}-output.txt`);
    const text = file.body.toString('utf8');
    expect(text).toContain('line 1 of a long story, [redacted]\n');
    expect(text).toContain(`line ${LINES} of a long story`);
    expect(text).not.toContain(TOKEN);
    const short = await startRun('hello', 'Say hello');
    await rootWith(world.workspace, 'Say hello', '*done*', 'hello');
    expect(filesIn(short)).toEqual([]);
  });

  it('is shared once, though Slack’s answer is lost and the bot is killed', async () => {
    world.workspace.faults.next('files.completeUploadExternal', { kind: 'reset', after: true });
    const root = await startRun('print', 'Print a lot');
    await fileOf(root);
    await world.restart('SIGKILL');
    // What comes later in the same channel has been brought up to date: so has everything before it.
    const next = await startRun('print', 'Print a lot');
    await fileOf(next);
    await told('/ops status', 'No incident is open');
    expect(filesIn(root)).toHaveLength(1);
  });

  it('of a diagnosis shows the newest lines of a log, and is a file as well', async () => {
    await sendAlerts(world, [{ labels: { alertname: 'Chatty', system: 'shop' } }]);
    const root = await rootWith(world.workspace, 'Chatty', 'firing');
    const reply = await replyWith(world.workspace, root.ts, 'request number 199', 'All of it');
    expect(reply.text).not.toContain('request number 1 ');
    const file = await fileOf(root);
    expect(file.body.toString('utf8').split('\n')).toHaveLength(200);
    await told(`/ops output ${file.name.replace('-output.txt', '')}`, 'request number 1 ');
    await onCall().click(reply.ts, 'Shout');
    const asked = await replyWith(world.workspace, root.ts, 'waits for a decision');
    await onCall().click(asked.ts, 'Approve');
    await replyWith(world.workspace, root.ts, '*done*', 'HELLO there');
    expect(filesIn(root)).toHaveLength(1);
  });

  it('that somebody asks for, and a long report, are files in the channel', async () => {
    const root = await startRun('many', 'Print again and again');
    await rootWith(world.workspace, 'Print again and again', `(${STEPS} of ${STEPS})`);
    await waitFor('a file of every step', 90_000, () => filesIn(root).length === STEPS || null);
    const [first] = filesIn(root);
    const step = first?.name.replace('-output.txt', '') ?? '?';
    await told(`/ops output ${step}`, `it is a file in this channel, \`${step}.txt\``);
    const run = /RUN-\d+/u.exec(world.workspace.store.find(root.channel, root.ts)?.text ?? '')?.[0] ?? '?';
    await told(`/ops report ${run}`, `it is a file in this channel, \`${run}-report.md\``);
    const report = [...world.workspace.store.files.values()].find(({ name }) => name === `${run}-report.md`);
    expect(report?.body.toString('utf8')).toContain(`# ${run}: Print again and again`);
    expect(report?.body.toString('utf8')).not.toContain(TOKEN);
  });
});
