import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { startPostgres } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { mountSmallDisk, type SmallDisk } from '../servers/small-disk.ts';
import { startWorld } from './bot.ts';
import { roots, rootWith, toldAlone } from './slack-thread.ts';
import { postRaw, sendAlerts, webhookBody } from './webhook.ts';

const MEGABYTES = 256;
const MOST = 400;
/** Fills the journal's last free page soon. */
const LONG = 'x y '.repeat(900);

describe('the journal’s disk is full', () => {
  let disk: SmallDisk;
  beforeAll(() => {
    disk = mountSmallDisk(MEGABYTES);
  });
  afterAll(() => disk?.remove());

  it('alerts are answered 503, people and /readyz are told why, and it goes on by itself once there is room', {
    timeout: 180_000,
  }, async () => {
    const postgres = await startPostgres(join(disk.folder, 'journal'));
    const world = await startWorld({ DATABASE_URL: postgres.url });
    try {
      await sendAlerts(world, [{ labels: { alertname: 'BeforeFull', system: 'moalog' } }], 'before');
      const before = await rootWith(world.workspace, 'BeforeFull');
      disk.fill();
      const taken: string[] = [];
      let refused = '';
      let text = '';
      for (let i = 0; i < MOST && refused === ''; i += 1) {
        const alertname = `Full${i}x`;
        const body = webhookBody(
          [{ labels: { alertname, system: 'moalog' }, annotations: { note: `${i} ${LONG}` } }],
          alertname,
        );
        const answer = await postRaw(world.bot.url, JSON.stringify(body));
        if (answer.status === 200) taken.push(alertname);
        else {
          expect(answer.status).toBe(503);
          refused = alertname;
          text = answer.text;
        }
      }
      expect(text).toContain('disk is full');
      const ready = await request(`${world.bot.url}/readyz`);
      expect(ready.statusCode).toBe(503);
      expect(await ready.body.text()).toContain('disk is full');
      const { workspace } = world;
      // A row may still fit where an old one was: people try until one doesn't.
      await waitFor('somebody to be told', 30_000, async () => {
        await workspace
          .as(PEOPLE.onCall.id)
          .click(before.ts, 'Re-run')
          .catch(() => undefined);
        await workspace.as(PEOPLE.onCall.id).command('/ops health');
        return workspace.store
          .messages()
          .some((m) => m.visibleTo === PEOPLE.onCall.id && m.text.includes('disk is full'));
      });
      await toldAlone(workspace, PEOPLE.onCall.id, 'nothing was done');

      disk.free();
      await waitFor('readiness', 30_000, async () => {
        const answer = await request(`${world.bot.url}/readyz`);
        await answer.body.dump();
        return answer.statusCode === 200;
      });
      await sendAlerts(world, [{ labels: { alertname: refused, system: 'moalog' } }], refused);
      for (const name of [...taken, refused]) {
        await rootWith(workspace, name);
        expect(roots(workspace).filter((message) => message.text.includes(name))).toHaveLength(1);
      }
    } finally {
      disk.free();
      await world.stop();
      await postgres.stop();
    }
  });
});
