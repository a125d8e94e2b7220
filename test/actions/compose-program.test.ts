/** Which program carries out what Compose does, and what that program is told of the bot. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createFindCompose } from '../../src/actions/compose/program.ts';
import { createComposeReset } from '../../src/actions/compose-reset/index.ts';
import { createComposeUp } from '../../src/actions/compose-up.ts';
import { type ComposeBench, startComposeBench } from './compose-bench.ts';
import { context, planned } from './fixtures.ts';

const none = async () => {};
const long = () => context({ timeoutMs: 60_000, signal: AbortSignal.timeout(80_000) });

let bench: ComposeBench;
beforeAll(async () => {
  bench = await startComposeBench();
}, 180_000);
afterEach(() => bench.clear());
afterAll(() => bench?.stop());

test('docker compose is taken before docker-compose, and a program that can not tell its version is none', async () => {
  const find = (...scripts: readonly (readonly [string, string])[]) => {
    const folder = mkdtempSync(join(bench.folder, 'bin-'));
    for (const [name, script] of scripts) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    return createFindCompose({ PATH: folder })(AbortSignal.timeout(20_000));
  };
  const old = ['docker-compose', 'echo "docker-compose version 1.29.2, build unknown"'] as const;
  const plugin = [
    'docker',
    '[ "$1 $2" = "compose version" ] && echo "Docker Compose version v2.27.0"',
  ] as const;
  expect(await find(old, plugin)).toEqual({ argv: ['docker', 'compose'], version: '2.27.0' });
  expect(await find(old, ['docker', 'echo "unknown command" >&2; exit 1'])).toEqual({
    argv: ['docker-compose'],
    version: '1.29.2',
  });
  expect(await find()).toBeNull();
});

test('without the Compose program, existing containers alone; it says what to install', async () => {
  bench.write({ app: '' });
  const bare = { env: { PATH: bench.folder }, find: createFindCompose({ PATH: bench.folder }) };
  expect(await createComposeUp(bare).plan(bench.target, {}, long())).toMatchObject({
    refused: expect.stringContaining('neither docker compose nor docker-compose is on the PATH'),
  });
  expect(await createComposeReset(bare).plan(bench.target, {}, long())).toMatchObject({
    refused: expect.stringContaining('neither docker compose'),
  });
});

test('the bot’s own environment is not given to the Compose program', async () => {
  bench.write({ app: `    labels: { seen: "\${PT_SECRET:-nothing}" }\n` });
  const env = { ...process.env, PT_SECRET: 'not-to-be-shown' };
  const kind = createComposeUp({ env, find: createFindCompose(env) });
  const approved = planned(await kind.plan(bench.target, {}, long()));
  expect(await kind.execute(bench.target, {}, approved, none, long())).toMatchObject({ state: 'succeeded' });
  const { Config } = await bench.docker.getContainer(`${bench.project}_app_1`).inspect();
  expect(Config.Labels.seen).toBe('nothing');
}, 120_000);
