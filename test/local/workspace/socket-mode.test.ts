import { App, LogLevel } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import { waitFor } from '../../servers/program.ts';
import { APP_TOKEN, client, type OpenServer, openServer, outcome, TOKEN } from './open-server.ts';

describe('Socket Mode, with Bolt itself', () => {
  let server: OpenServer;
  let app: App;
  beforeEach(async () => {
    server = await openServer();
    app = new App({
      token: TOKEN,
      appToken: APP_TOKEN,
      socketMode: true,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: server.apiUrl },
    });
    app.command('/ops', async ({ ack, command }) => ack(`heard ${command.text} ${'x'.repeat(200)}`));
    await app.start();
    await connected(1);
  });
  afterEach(async () => {
    await app.stop();
    await server.stop();
  });
  const connected = (n: number) =>
    waitFor(`${n} connections`, 10_000, () => server.workspace.socketMode.connections() === n);
  const ask = () => server.workspace.as(PEOPLE.lead.id).command('/ops status');

  it('carries a command to the bot and its answer back', async () => {
    expect((await ask()).body).toContain('heard status');
    expect(server.told).toEqual([]);
  });

  it('is connected again after a refresh and after a cut', async () => {
    const { socketMode } = server.workspace;
    const opened = () =>
      server.workspace.store.calls.filter((c) => c.method === 'apps.connections.open').length;
    for (const interrupt of [socketMode.refresh, socketMode.drop]) {
      const before = opened();
      interrupt();
      await waitFor('a new connection', 15_000, () => opened() > before && socketMode.connections() === 1);
      expect((await ask()).body).toContain('heard status');
    }
  });

  it('takes the app’s token alone', async () => {
    expect(await outcome(server.slack.apps.connections.open({}))).toBe('not_allowed_token_type');
    expect(await outcome(client(server.apiUrl, 'xapp-other').apps.connections.open({}))).toBe('invalid_auth');
  });
});
