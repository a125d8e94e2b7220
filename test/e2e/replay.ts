/** Sends a Slack request once more, signed afresh, as somebody who has the secret's use would. */
import { request } from 'undici';
import { sign } from '../../src/local/workspace/requests.ts';
import { SIGNING_SECRET, type World } from './bot.ts';

export async function sendForm(world: World, form: Readonly<Record<string, string>>): Promise<number> {
  const body = new URLSearchParams(form).toString();
  const timestamp = Math.floor(Date.now() / 1000);
  const answer = await request(`${world.bot.url}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': sign(SIGNING_SECRET, timestamp, body),
    },
    body,
  });
  await answer.body.dump();
  return answer.statusCode;
}
