/** A floor: a webhook route that adds a BullMQ job, and a worker that posts it. Environment: PORT, REDIS_URL, SLACK_API_URL. */
import { createServer } from 'node:http';
import { WebClient } from '@slack/web-api';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { readAlert } from './read-alert.ts';

const url = process.env.REDIS_URL ?? '';
const slack = new WebClient('xoxb-bench', { slackApiUrl: process.env.SLACK_API_URL ?? '' });
const connection = new Redis(url, { maxRetriesPerRequest: null });
const queue = new Queue('alerts', {
  connection,
  defaultJobOptions: { removeOnComplete: true, attempts: 5 },
});
new Worker<{ text: string }>(
  'alerts',
  async (job) => {
    await slack.chat.postMessage({ channel: 'C0BENCH', text: job.data.text });
  },
  { connection: new Redis(url, { maxRetriesPerRequest: null }), concurrency: 32 },
);
createServer((req, res) => {
  void readAlert(req)
    .then((text) => queue.add('alert', { text }))
    .then(() => res.end('{}'));
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('ready\n'));
