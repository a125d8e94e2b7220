/** A floor: a Bolt app with a webhook route that posts and keeps nothing. Environment: PORT, SLACK_API_URL. */
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { readAlert } from './read-alert.ts';

const clientOptions = { slackApiUrl: process.env.SLACK_API_URL ?? '' };
const receiver = new HTTPReceiver({
  signingSecret: 'bench',
  customRoutes: [
    {
      path: '/alertmanager',
      method: 'POST',
      handler: (req, res) => {
        void readAlert(req).then((text) => {
          res.end('{}');
          return app.client.chat.postMessage({ channel: 'C0BENCH', text });
        });
      },
    },
  ],
});
const app = new App({
  receiver,
  token: 'xoxb-bench',
  clientOptions,
  logLevel: LogLevel.ERROR,
});
await app.start(Number(process.env.PORT));
process.stdout.write('ready\n');
