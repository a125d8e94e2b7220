/** A restore that fails after the application was stopped: the next step starts it again, and says so. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type DockerEngine, startDocker } from '../servers/docker.ts';
import { testDatabase } from '../servers/postgres.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, rootWith } from './slack-thread.ts';

const SYSTEM = `version: 1
title: Shop
services:
  app: { container: start-again-app, probe: { probe: docker.container } }
`;
const RESTORE = `version: 1
title: Bring the data back
steps:
  - stop: { title: Stop the application, action: docker.stop, service: app, timeout: 1m }
  - restore: { title: Restore the data, action: docker.restart, service: gone, timeout: 1m }
  - check: { title: Look at the data, task: Look at it. }
  - start: { title: Start the application, action: docker.start, service: app, timeout: 1m, resumes: stop }
`;

describe('after a step that failed', { timeout: 180_000 }, () => {
  let engine: DockerEngine;
  let app: Docker.Container;
  let world: World;
  let queue: RedisServer;
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));

  beforeAll(async () => {
    mkdirSync(join(runbooks, 'shop', 'operations'), { recursive: true });
    const gone = '  gone: { container: start-again-gone, probe: { probe: docker.container } }\n';
    writeFileSync(join(runbooks, 'shop', 'system.yaml'), `${SYSTEM}${gone}`);
    writeFileSync(join(runbooks, 'shop', 'operations', 'restore.yaml'), RESTORE);
    const { lead, onCall } = PEOPLE;
    writeFileSync(
      join(runbooks, 'org.yaml'),
      `version: 1\nroles: { tech-lead: ${lead.id}, on-call: ${onCall.id} }\n`,
    );
    engine = await startDocker();
    app = await engine.docker.createContainer({
      name: 'start-again-app',
      Image: await engine.importBusybox(),
      Cmd: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done'],
      HostConfig: { NetworkMode: 'none' },
    });
    await app.start();
    queue = await startRedis();
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      REDIS_URL: queue.url,
      DOCKER_HOST: engine.host,
      RUNBOOKS_DIR: runbooks,
    });
  }, 180_000);
  afterAll(async () => {
    await world?.stop();
    await queue?.stop();
    await app?.remove({ force: true });
    rmSync(runbooks, { recursive: true, force: true });
  });

  it('what was stopped before it is offered to be started again', async () => {
    const { workspace } = world;
    const onCall = workspace.as(PEOPLE.onCall.id);
    await onCall.command('/ops run shop/operations/restore');
    const root = await rootWith(workspace, 'Bring the data back');
    const stop = await replyWith(workspace, root.ts, 'waits for a decision', 'docker.stop');
    await onCall.click(stop.ts, 'Approve');
    const start = await replyWith(
      workspace,
      root.ts,
      'waits for a decision',
      'docker.start',
      '*Restore the data* did not succeed, and *Stop the application* was done before',
    );
    expect((await app.inspect()).State.Running).toBe(false);
    await onCall.click(start.ts, 'Approve');
    await replyWith(workspace, root.ts, 'docker.start', '*done*');
    expect((await app.inspect()).State.Running).toBe(true);
    const ended = await rootWith(workspace, 'Bring the data back', '*failed*');
    expect(ended.text).toMatch(/⊘ Look at the data \*skipped\*/u);
  });
});
