import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOT, CHANNELS, PEOPLE } from '../../src/local/workspace/people.ts';
import { NOTE_SHORTCUT } from '../../src/slack/mentions/register-notes.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { runCli, startWorld, type World } from './bot.ts';
import { replyWith, rootWith, thread, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const ops = CHANNELS.ops.id;

describe('where no command can be typed', () => {
  let world: World;
  let root: string;
  beforeAll(async () => {
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      MOALOG_REDIS_URL: 'redis://127.0.0.1:1',
    });
    const labels = { alertname: 'RedisDown', system: 'moalog', service: 'redis', severity: 'critical' };
    await sendAlerts(world, [{ labels }], 'mentions');
    root = (await rootWith(world.workspace, 'RedisDown', 'firing')).ts;
  });
  afterAll(() => world.stop());

  const as = (person: string) => world.workspace.as(person);
  const mention = (person: string, words: string, threadTs: string | null = root) =>
    as(person).say(ops, threadTs, `<@${BOT.id}> ${words}`);
  const report = async () => (await runCli(['report', 'INC-1'], world.env)).stdout;

  it('a mention in an incident’s thread is the command, with the thread’s system; its answer is in that thread', async () => {
    await mention(PEOPLE.onCall.id, 'health');
    const answer = await waitFor('the answer', 15_000, () =>
      thread(world.workspace, root).find(
        ({ text }) => /moalog.*redis/su.test(text) && text.includes('Ask again'),
      ),
    ).catch(() => null);
    const health = thread(world.workspace, root).find(({ metadata }) =>
      JSON.stringify(metadata).includes('health/'),
    );
    expect(health ?? answer).toBeTruthy();
    expect(health?.text).toContain('redis');
  });

  it('a mention in the channel is the command that was typed; a guest gets none of it', async () => {
    await mention(PEOPLE.developer.id, 'oncall', null);
    await toldAlone(world.workspace, PEOPLE.developer.id, 'on call');
    await mention(PEOPLE.guest.id, 'status', null);
    await toldAlone(world.workspace, PEOPLE.guest.id, 'not authorised');
  });

  it('notes by a mention, by the message shortcut and by a pushpin are in the report, with who and when, each once', async () => {
    await mention(PEOPLE.developer.id, 'note customers see 502 &amp; time-outs');
    await toldAlone(world.workspace, PEOPLE.developer.id, 'Added to the timeline of INC-1');
    await as(PEOPLE.duty.id).say(ops, root, 'the bank has called');
    await as(PEOPLE.duty.id).say(ops, root, 'disk is fine');
    const [first, second] = thread(world.workspace, root).filter(({ user }) => user === PEOPLE.duty.id);
    await as(PEOPLE.onCall.id).shortcut(ops, first?.ts ?? '', NOTE_SHORTCUT);
    await as(PEOPLE.lead.id).react(ops, second?.ts ?? '', 'pushpin');
    await as(PEOPLE.lead.id).react(ops, second?.ts ?? '', 'eyes');
    await toldAlone(world.workspace, PEOPLE.onCall.id, 'Added to the timeline');
    await toldAlone(world.workspace, PEOPLE.lead.id, 'Added to the timeline');
    const text = await report();
    for (const note of ['customers see 502 & time-outs', 'the bank has called', 'disk is fine'])
      expect(text.split(note), text).toHaveLength(2);
  });

  it('escalate calls the next person now; ack takes it', async () => {
    await mention(PEOPLE.developer.id, 'escalate');
    await replyWith(world.workspace, root, 'called');
    await mention(PEOPLE.onCall.id, 'ack');
    await rootWith(world.workspace, 'RedisDown', 'acknowledged');
  });
});
