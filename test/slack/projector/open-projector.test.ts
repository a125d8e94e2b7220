import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepProblem } from '../../../src/engine/intake/keep-problem.ts';
import { createDirectory } from '../../../src/slack/directory.ts';
import { openProjector } from '../../../src/slack/projector/open-projector.ts';
import { createSlackPort } from '../../../src/slack/slack-client.ts';
import { BOT_TOKEN } from '../../e2e/bot.ts';
import { type Databases, openDatabases } from '../../faults/database.ts';
import { type Arena, openArena } from '../../faults/races/arena.ts';
import { startSlack } from '../../faults/races/projectors.ts';
import { waitFor } from '../../servers/program.ts';

let databases: Databases;
let arena: Arena;
beforeAll(async () => {
  databases = await openDatabases({ logStatements: false });
  arena = await openArena(databases, 1);
});
afterAll(async () => {
  await arena?.stop();
  await databases?.stop();
});

/** Longer than a process's hold on a channel, shorter than the client's patience. */
const SLOW_MS = 8000;

it('a process that Slack keeps waiting for longer than its lease posts nothing that another has posted since', async () => {
  const slack = await startSlack();
  const port = createSlackPort({ token: BOT_TOKEN, apiUrl: slack.apiUrl, redact: (value) => value });
  const names = ['first', 'second', 'third'];
  for (const name of names) await keepProblem(arena.a, name, `the ${name} could not be read`, '');
  slack.workspace.faults.next('chat.postMessage', { kind: 'delay', ms: SLOW_MS });
  const slow = openProjector(arena.a, port, createDirectory(port));
  const calls = () => slack.workspace.store.calls.filter((call) => call.method === 'chat.postMessage');
  const posts = (name: string) =>
    calls().filter((call) => JSON.stringify(call.args).includes(`the ${name} `)).length;
  let quick: typeof slow | null = null;
  try {
    await waitFor('the first post to be under way', 5000, async () => {
      const rows = await arena.database.query('select 1 from messages where posting_since is not null');
      return rows.length > 0;
    });
    quick = openProjector(arena.b, port, createDirectory(port));
    await waitFor(
      'the other process to post the rest',
      20_000,
      () => posts('second') > 0 && posts('third') > 0,
    );
    // The slow one has its answer, and has had its turn again.
    await waitFor('the slow post to land', 20_000, () => posts('first') === 2);
    await slow.close();
    await waitFor('everything to be shown', 10_000, async () => {
      const rows = await arena.database.query('select 1 from messages where wanted > shown');
      return rows.length === 0;
    });
    expect(posts('second')).toBe(1);
    expect(posts('third')).toBe(1);
    // Of the one that landed late a twin was made: it is found and removed.
    await waitFor(
      'the twin to be removed',
      30_000,
      () => slack.workspace.store.messages().length === names.length,
    );
  } finally {
    await Promise.all([slow.close(), quick?.close()]);
    await slack.stop();
  }
});
