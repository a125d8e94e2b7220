/** Two processes that bring one message to Slack at the same moment. */
import { keepProblem } from '../../../src/engine/intake/keep-problem.ts';
import { CHANNELS } from '../../../src/local/workspace/people.ts';
import { startWorkspaceServer, type WorkspaceServer } from '../../../src/local/workspace/start-server.ts';
import { createDirectory } from '../../../src/slack/directory.ts';
import { openProjector } from '../../../src/slack/projector/open-projector.ts';
import { createSlackPort } from '../../../src/slack/slack-client.ts';
import { BOT_TOKEN, SIGNING_SECRET } from '../../e2e/bot.ts';
import { waitFor } from '../../servers/program.ts';
import type { Arena } from './arena.ts';
import { must, newName } from './scenes.ts';

export function startSlack(): Promise<WorkspaceServer> {
  return startWorkspaceServer({
    file: null,
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    eventsUrl: () => 'http://127.0.0.1:9/',
    log: () => undefined,
    pace: null,
  });
}

/** Both ask for the channel's lease while it is held shut; both are let go at once. */
export async function twoProjectors(arena: Arena, slack: WorkspaceServer): Promise<void> {
  const name = newName();
  const channel = CHANNELS.ops.id;
  // Free, with a full burst: how fast the rounds follow each other is not what is tried here.
  await arena.database.query(
    `insert into channels (id, lease_by, tokens, given_back_at) values ($1, 'nobody', 20, now())
     on conflict (id) do update set lease_by = 'nobody', lease_until = null, tokens = 20, given_back_at = now()`,
    [channel],
  );
  await keepProblem(arena.a, name, `${name} could not be read`, '');
  const port = createSlackPort({ token: BOT_TOKEN, apiUrl: slack.apiUrl, redact: (value) => value });
  const projectors: { close(): Promise<void> }[] = [];
  await arena.lineUp(
    { text: 'select 1 from channels where id = $1 for update', values: [channel] },
    [arena.a, arena.b].map((engine) => async () => {
      const projector = openProjector(engine, port, createDirectory(port));
      projectors.push(projector);
      projector.poke([channel]);
    }),
  );
  const posts = () =>
    slack.workspace.store.calls.filter(
      ({ method, args }) => method === 'chat.postMessage' && JSON.stringify(args).includes(`${name} `),
    ).length;
  try {
    await waitFor(`the notice of ${name}`, 5000, () => posts() > 0);
    await waitFor('Slack to show everything', 5000, async () => {
      const rows = await arena.database.query(
        'select 1 from messages where wanted > shown and surface = $1',
        ['notice'],
      );
      return rows.length === 0;
    });
  } finally {
    await Promise.all(projectors.map((projector) => projector.close()));
  }
  must(posts() === 1, `${posts()} posts of one message`);
}
