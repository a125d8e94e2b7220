import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRabbitmqPurge } from '../../src/actions/rabbitmq-purge/index.ts';
import { OutcomeUnknown } from '../../src/domain/outcome-unknown.ts';
import { waitFor } from '../servers/program.ts';
import { startDeafLine } from './deaf-line.ts';
import { context, planned } from './fixtures.ts';
import { QUEUE, type RabbitmqBench, startRabbitmqBench, WAITING } from './rabbitmq-bench.ts';

const kind = createRabbitmqPurge();
const none = async () => {};
const settings = { queue: QUEUE };
let bench: RabbitmqBench;
beforeAll(async () => {
  bench = await startRabbitmqBench();
}, 120_000);
beforeEach(() => bench.fill());
afterAll(() => bench?.stop(), 60_000);

const plan = async (chosen: { queue: string; managementPort?: number } = settings) =>
  planned(await kind.plan(bench.target, chosen, context()));

describe('a purge', () => {
  test('shows how many messages go and what the queue is', async () => {
    const draft = await plan({ queue: QUEUE, managementPort: bench.managementPort });
    expect(draft.scope).toEqual({
      kind: 'keyspace',
      name: `queue ${QUEUE} (vhost /)`,
      keys: WAITING,
      mayGrowTo: WAITING + 100,
      of: 'messages',
    });
    expect(draft.identity).toMatchObject({ queue: QUEUE, vhost: '/', cluster: expect.stringMatching(/@/u) });
    expect(draft.identity.declared_with).toContain('"durable":true');
    expect(draft.preview.join('\n')).toContain('goes: 5 messages waiting');
    expect(draft.undo).toMatchObject({ kind: 'none', reason: expect.stringContaining('keeps no copy') });
  });

  test('says how many went, and is verified by the depth', async () => {
    const draft = await plan();
    await bench.publish(3);
    expect(await kind.verify?.(bench.target, settings, draft, context())).toMatchObject({ good: false });
    const outcome = await kind.execute(bench.target, settings, draft, none, context());
    expect(outcome).toMatchObject({ state: 'succeeded', summary: `${QUEUE}: 8 messages purged` });
    await bench.publish(1);
    expect(await kind.verify?.(bench.target, settings, draft, context())).toEqual({
      good: true,
      says: `1 message waiting in ${QUEUE} now`,
    });
  });

  test('does nothing when far more wait than were approved', async () => {
    const draft = await plan();
    await bench.publish(101);
    const outcome = await kind.execute(bench.target, settings, draft, none, context());
    expect(outcome).toMatchObject({
      state: 'superseded',
      summary: expect.stringContaining('106 messages are waiting now'),
    });
    expect(await bench.depth()).toBe(WAITING + 101);
  });

  test('is refused when the queue is empty, not there, or somebody’s own', async () => {
    await bench.channel.purgeQueue(QUEUE);
    expect(await kind.plan(bench.target, settings, context())).toMatchObject({
      refused: expect.stringContaining('no message waits'),
    });
    expect(await kind.plan(bench.target, { queue: 'nowhere' }, context())).toMatchObject({
      refused: expect.stringContaining("no queue 'nowhere'"),
    });
    await bench.channel.assertQueue('own', { exclusive: true });
    expect(await kind.plan(bench.target, { queue: 'own' }, context())).toMatchObject({
      refused: expect.stringMatching(/exclusive/u),
    });
    await bench.channel.deleteQueue('own');
    expect(await kind.plan({ ...bench.target, sandboxOnly: true }, settings, context())).toMatchObject({
      refused: expect.stringContaining('local mode only changes the sandbox'),
    });
  });

  test('of a queue that is deleted while it is announced has failed', async () => {
    const draft = await plan();
    const act = async () => {
      await bench.channel.deleteQueue(QUEUE);
    };
    expect(await kind.execute(bench.target, settings, draft, act, context())).toMatchObject({
      state: 'failed',
      summary: expect.stringContaining('nothing was purged'),
    });
  });

  test('whose answer is lost is of unknown outcome; it is not sent again', async () => {
    const draft = await plan();
    const line = await startDeafLine(Number(new URL(bench.target.url ?? '').port));
    const through = { ...bench.target, url: `amqp://guest:guest@127.0.0.1:${line.port}` };
    const moved = { ...draft, identity: { ...draft.identity, broker: `amqp://127.0.0.1:${line.port}` } };
    const outcome = kind.execute(through, settings, moved, async () => line.deafen(), context());
    await expect(outcome).rejects.toThrow(OutcomeUnknown);
    await line.stop();
    await waitFor('the one purge to be done', 5_000, async () => (await bench.depth()) === 0);
  });
});
