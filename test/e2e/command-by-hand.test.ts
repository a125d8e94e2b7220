/** A declared program, asked for in Slack, approved by another person, run once; its secrets never shown. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { startWorld, type World } from './bot.ts';
import { lastTs, replyWith, rootWith, thread, toldAlone } from './slack-thread.ts';

const TOKEN = 'the-token-that-nobody-sees';
const SYSTEM = `version: 1
title: Shop
services:
  web: { url: "http://localhost:1", probe: { probe: http, path: / } }
programs:
  seed:
    says: Fills the database with one day
    run: [./seed, "--day={day}"]
    in: { folder: "\${SHOP_DIR}" }
    environment: [SHOP_TOKEN]
`;
const SEED = `version: 1
title: Seed one day
params:
  day: { type: date, says: the day }
steps:
  - seed: { action: command, program: seed, with: { day: "{day}" } }
verify: [{ probe: disk, minFreePercent: 0 }]
`;

describe('a program that is run by hand', () => {
  let world: World;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pageturner-shop-')));
  const runs = join(folder, 'runs');

  beforeAll(async () => {
    const runbooks = join(folder, 'runbooks');
    mkdirSync(join(runbooks, 'shop', 'operations'), { recursive: true });
    writeFileSync(join(runbooks, 'shop', 'system.yaml'), SYSTEM);
    writeFileSync(join(runbooks, 'shop', 'operations', 'seed.yaml'), SEED);
    const roles = `roles: { tech-lead: ${PEOPLE.lead.id}, on-call: ${PEOPLE.onCall.id} }`;
    writeFileSync(join(runbooks, 'org.yaml'), `version: 1\n${roles}\n`);
    writeFileSync(join(folder, 'seed'), '#!/bin/sh\necho "$1" >> runs\necho "seeding with $SHOP_TOKEN"\n');
    chmodSync(join(folder, 'seed'), 0o755);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      RUNBOOKS_DIR: runbooks,
      SHOP_DIR: folder,
      SHOP_TOKEN: TOKEN,
    });
  });
  afterAll(async () => {
    await world?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows its exact arguments, waits for another person, and runs once', async () => {
    const { workspace } = world;
    const before = lastTs(workspace);
    await workspace.as(PEOPLE.lead.id).command('/ops run shop/operations/seed day=2024-02-29');
    await toldAlone(workspace, PEOPLE.lead.id, 'has begun', before);
    const root = await rootWith(workspace, 'Seed one day');
    const step = await replyWith(workspace, root.ts, 'waits for a decision', '["./seed","--day=2024-02-29"]');
    expect(step.text).toContain('destructive');
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.lead.id, 'your own request');
    expect(existsSync(runs)).toBe(false);
    await workspace.as(PEOPLE.lead.id).command(`/ops delegate <@${PEOPLE.onCall.id}> 1h`);
    await toldAlone(workspace, PEOPLE.lead.id, 'may approve for');
    await workspace.as(PEOPLE.onCall.id).click(step.ts, 'Approve');
    const done = await replyWith(workspace, root.ts, '*done*', 'exit 0');
    expect(readFileSync(runs, 'utf8')).toBe('--day=2024-02-29\n');

    const asked = lastTs(workspace);
    const id = /STEP-\d+/u.exec(done.text)?.[0] ?? '';
    await workspace.as(PEOPLE.lead.id).command(`/ops output ${id}`);
    await toldAlone(workspace, PEOPLE.lead.id, 'seeding with [redacted]', asked);
    expect(JSON.stringify([root, ...thread(workspace, root.ts)])).not.toContain(TOKEN);
    expect(world.bot.output()).not.toContain(TOKEN);
  });

  it('that is no longer there is refused before anybody is asked', async () => {
    const { workspace } = world;
    rmSync(join(folder, 'seed'));
    const before = lastTs(workspace);
    await workspace.as(PEOPLE.developer.id).command('/ops run shop/operations/seed day=2024-03-01');
    await toldAlone(workspace, PEOPLE.developer.id, 'has begun', before);
    const root = await rootWith(workspace, 'Seed one day', 'day=2024-03-01');
    await replyWith(workspace, root.ts, 'can’t be planned', 'there is no program ./seed');
  });
});
