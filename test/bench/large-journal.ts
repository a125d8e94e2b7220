/** The same load on a journal with 100,000 incidents and a million audit rows, beside an empty one. */
import { fillJournal, kilobytesPerIncident } from './fill-journal.ts';
import { calm, latency, throughput } from './load.ts';
import { startSlackStub } from './slack-stub.ts';
import type { Row } from './table.ts';
import { startBenchWorld } from './world.ts';

const INCIDENTS = 100_000;
const AUDIT_ROWS = 1_000_000;

export async function benchLargeJournal(): Promise<readonly Row[]> {
  const slack = await startSlackStub();
  const world = await startBenchWorld({ SLACK_API_URL: slack.apiUrl });
  const measure = async (tag: string) => {
    await calm(world.bot.url);
    await latency(world.bot.url, slack, `${tag}Warm`, 60);
    return {
      ms: await latency(world.bot.url, slack, `${tag}One`),
      acked: await throughput(world.bot.url, `${tag}Many`, 4),
    };
  };
  const empty = await measure('Empty');
  await fillJournal(world.env.DATABASE_URL ?? '', INCIDENTS, AUDIT_ROWS);
  const kb = await kilobytesPerIncident(world.env.DATABASE_URL ?? '');
  const large = await measure('Large');
  await world.stop();
  slack.stop();
  const baseline = 'the same, empty';
  return [
    {
      what: 'webhook → chat.postMessage, median, 100,000 incidents',
      ms: large.ms,
      baseline,
      baselineMs: empty.ms,
    },
    {
      what: 'webhooks acknowledged a second, 100,000 incidents',
      ms: large.acked,
      baseline,
      baselineMs: empty.acked,
      unit: '/s',
    },
    {
      what: 'one incident in the journal, indexes included',
      ms: kb,
      baseline: 'one page',
      baselineMs: 8,
      unit: 'KB',
    },
  ];
}
