/** Operations: parameters, tasks, waits, abort, and the undo of what was flushed; on a real Redis. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { runCli, startWorld, type World } from './bot.ts';
import { buttonLabels, lastTs, replyWith, roots, rootWith, thread, toldAlone } from './slack-thread.ts';

const SYSTEM = `version: 1
title: Shop
services:
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
  away: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
const CLEAN = `version: 1
title: Clean a database
params:
  db: { type: integer, says: the number of the database, min: 0, max: 3, example: 1 }
  day: { type: date, says: the day, default: 2024-01-31 }
steps:
  - announce: { task: "Tell the others about {day}", title: "Announce {day}" }
  - up: { title: Redis is up, probe: redis.ping, service: redis, within: 30s }
  - flush: { title: Flush it, action: redis.flushdb, service: redis, db: "{db}" }
verify:
  - ping: { title: Redis answers afterwards, probe: redis.ping, service: redis }
`;
const WAIT = `version: 1
title: Wait for what never comes
steps:
  - wait: { title: It is up, probe: redis.ping, service: away, within: 5m }
  - flush: { action: redis.flushdb, service: redis, db: 0 }
  - after: { title: Redis answers, probe: redis.ping, service: redis }
`;

describe('runs by hand', () => {
  let redisServer: RedisServer;
  let redis: Redis;
  let world: World;
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));

  beforeAll(async () => {
    mkdirSync(join(runbooks, 'shop', 'operations'), { recursive: true });
    writeFileSync(join(runbooks, 'shop', 'system.yaml'), SYSTEM);
    writeFileSync(
      join(runbooks, 'org.yaml'),
      `version: 1\nroles: { tech-lead: [${PEOPLE.lead.id}, ${PEOPLE.duty.id}], on-call: ${PEOPLE.onCall.id} }\n`,
    );
    writeFileSync(join(runbooks, 'shop', 'operations', 'clean.yaml'), CLEAN);
    writeFileSync(join(runbooks, 'shop', 'operations', 'wait.yaml'), WAIT);
    redisServer = await startRedis({ password: 'redis-password-for-tests' });
    redis = new Redis(redisServer.url, { db: 1 });
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      SHOP_REDIS_URL: redisServer.url,
      RUNBOOKS_DIR: runbooks,
    });
  });
  beforeEach(async () => {
    await redis.flushall();
    for (let i = 0; i < 12; i += 1) await redis.set(`key:${i}`, `value-${i}`);
  });
  afterAll(async () => {
    await world.stop();
    redis.disconnect();
    await redisServer.stop();
    rmSync(runbooks, { recursive: true, force: true });
  });

  const command = async (who: { readonly id: string }, line: string, answer: string): Promise<void> => {
    const before = lastTs(world.workspace);
    await world.workspace.as(who.id).command(line);
    await toldAlone(world.workspace, who.id, answer, before);
  };

  it('parameters are checked before anything runs, each refusal with an example', async () => {
    const before = roots(world.workspace).length;
    const { developer, guest } = PEOPLE;
    await command(
      developer,
      '/ops run shop/operations/clean',
      'db is missing: the number of the database, e.g. db=1',
    );
    await command(developer, '/ops run shop/operations/clean db=7', 'a whole number from 0 to 3, e.g. db=1');
    await command(developer, '/ops run shop/operations/clean db=1 day=2024-02-30', 'a day of the calendar');
    await command(developer, '/ops run shop/operations/clean db=1 dai=x', 'did you mean "day"?');
    await command(developer, '/ops run shop/operations/clean db 1', 'name=value');
    await command(developer, '/ops run shop/operations/claen db=1', 'did you mean "shop/operations/clean"?');
    await command(guest, '/ops run shop/operations/clean db=1', 'not authorised');
    expect(roots(world.workspace)).toHaveLength(before);
  });

  it('goes step by step: a task for a person, a wait, an approved action, a check; and can be undone', async () => {
    const { workspace } = world;
    await command(PEOPLE.developer, '/ops run shop/operations/clean db=1', 'has begun');
    const root = await rootWith(workspace, 'Clean a database', 'waits for a person');
    expect(root.text).toContain('Announce 2024-01-31');
    expect(root.text).toContain('db=1');
    expect(buttonLabels(root)).toEqual(['Done']);
    await workspace.as(PEOPLE.guest.id).click(root.ts, 'Done');
    await toldAlone(workspace, PEOPLE.guest.id, 'not authorised');
    await workspace.as(PEOPLE.developer.id).click(root.ts, 'Done');

    const step = await replyWith(workspace, root.ts, 'waits for a decision', 'db1');
    await workspace.as(PEOPLE.developer.id).click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.developer.id, 'not authorised');
    expect(await redis.dbsize()).toBe(12);
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    const done = await replyWith(workspace, root.ts, '*done*', 'Undo made and checked');
    await rootWith(workspace, 'Clean a database', '*done*', '(3 of 3)');
    await replyWith(workspace, root.ts, 'Redis answers afterwards', 'Every check is good');
    expect(await redis.dbsize()).toBe(0);

    // The undo: a plan and an approval of its own; what was written since stays.
    await redis.set('key:3', 'newer');
    const id = /STEP-\d+/u.exec(done.text)?.[0] ?? '';
    await command(PEOPLE.developer, `/ops undo ${id}`, 'is being planned');
    const undoRoot = await rootWith(workspace, `Undo of ${id}`);
    const undo = await replyWith(workspace, undoRoot.ts, 'waits for a decision', 'bring back');
    await workspace.as(PEOPLE.lead.id).click(undo.ts, 'Approve');
    await replyWith(workspace, undoRoot.ts, '*done*');
    expect(await redis.dbsize()).toBe(12);
    expect(await redis.get('key:3')).toBe('newer');
    expect(await redis.get('key:4')).toBe('value-4');
    // Nothing is overwritten by doing it once more, and nobody can undo what kept no undo.
    await command(PEOPLE.developer, '/ops undo STEP-99999', 'unknown request');
  });

  it('a wait says how long it may still take; an abort ends it, and nothing after it starts', async () => {
    const { workspace } = world;
    await command(PEOPLE.developer, '/ops run shop/operations/wait', 'has begun');
    const root = await rootWith(
      workspace,
      'Wait for what never comes',
      'at most 300 s',
      's left',
      'connection refused',
    );
    const id = /RUN-\d+/u.exec(root.text)?.[0] ?? '';
    await command(PEOPLE.guest, `/ops abort ${id}`, 'not authorised');
    await command(PEOPLE.onCall, `/ops abort ${id}`, 'is aborted');
    const ended = await rootWith(workspace, 'Wait for what never comes', '*aborted*');
    expect(ended.text).toContain('*cancelled*');
    expect(thread(workspace, root.ts)).toEqual([]);
    expect(await redis.dbsize()).toBe(12);
    await command(PEOPLE.onCall, `/ops abort ${id}`, 'nothing to abort');
  });

  it('an incident opened by hand has a thread, and is resolved by hand', async () => {
    const { workspace } = world;
    await command(PEOPLE.developer, '/ops incident open shop redis answers slowly since noon', 'is open');
    const root = await rootWith(workspace, 'shop', 'redis', 'answers slowly since noon', 'firing');
    await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Resolve');
    await rootWith(workspace, 'answers slowly since noon', 'resolved');
  });

  it('a dry run at a terminal prints every plan from the live target, and touches nothing', async () => {
    const good = await runCli(['run', 'shop/operations/clean', 'db=1', '--dry'], world.env);
    expect(good.stderr).toBe('');
    expect(good.stdout).toContain('Announce 2024-01-31');
    expect(good.stdout).toMatch(/identity: .*run_id [0-9a-f]{40}/u);
    expect(good.stdout).toContain('scope: db1, 12 keys');
    expect(good.code).toBe(0);
    const example = await runCli(['run', 'shop/operations/clean', '--dry'], world.env);
    expect(example.stdout).toContain('(with the example db=1)');
    const away = await runCli(['run', 'shop/operations/clean', 'db=1', '--dry'], {
      ...world.env,
      SHOP_REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(away.stdout).toContain('flush (redis.flushdb on shop/redis): can’t be planned');
    expect(away.code).toBe(1);
    const wrong = await runCli(['run', 'shop/operations/clean', 'db=9'], world.env);
    expect(wrong.stderr).toContain('e.g. db=1');
    expect(wrong.code).toBe(2);
    expect(await redis.dbsize()).toBe(12);
  });

  it('what somebody whom nobody knows asks for at a terminal is approved by two people in Slack', async () => {
    const { workspace } = world;
    let said = '';
    const running = runCli(
      ['run', 'shop/operations/clean', 'db=2', 'day=2026-01-05'],
      world.env,
      (stdout) => {
        said = stdout;
      },
    );
    const root = await rootWith(workspace, 'Announce 2026-01-05', 'waits for a person', 'at a terminal');
    await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Done');
    const step = await replyWith(workspace, root.ts, 'waits for a decision', 'db2', '0 of 2 approvals');
    expect(step.text).toContain('Two people must approve');
    await waitFor('the terminal to say so', 15_000, () => said.includes('0 of 2 approvals'));
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await replyWith(workspace, root.ts, '1 of 2 approvals');
    await workspace.as(PEOPLE.duty.id).click(step.ts, 'Approve');
    const { code, stdout } = await running;
    expect(stdout).toMatch(/\ndone\n$/u);
    expect(code).toBe(0);

    const id = /RUN-\d+/u.exec(root.text)?.[0] ?? '';
    const report = await runCli(['report', id], world.env);
    expect(report.stdout).toContain(`# ${id}: Clean a database`);
    expect(report.stdout).toMatch(/plan: `redis.flushdb` on shop/u);
    expect(report.stdout).toContain(`| ${PEOPLE.lead.id} | approve |`);
    expect(report.code).toBe(0);
  });
});
