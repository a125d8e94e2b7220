import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PictureWish } from '../../src/domain/picture.ts';
import { run } from '../../src/journal/commit.ts';
import { type Journal, openJournal } from '../../src/journal/open-journal.ts';
import {
  claimPictures,
  dropPicture,
  hidePicture,
  keepPicture,
  type PictureKey,
  showAgain,
  shownPicture,
  wantPicture,
} from '../../src/journal/pictures.ts';
import { testDatabase } from '../servers/postgres.ts';

const wish: PictureWish = {
  ...{ kind: 'metric', system: 'moalog', query: 'up', title: 'Up', unit: null, threshold: null },
};
const LEASE_MS = 60_000;

describe('a message’s picture', () => {
  let journal: Journal;
  let superuser: pg.Client;
  let key: PictureKey;
  let subject = 0;
  beforeAll(async () => {
    const database = await testDatabase();
    journal = await openJournal({ url: database.url, onError: () => undefined });
    superuser = new pg.Client({ connectionString: database.superuserUrl });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await journal.close();
  });
  beforeEach(async () => {
    subject += 1;
    key = { surface: 'incident', subject, slot: 'diagnosis' };
    await superuser.query('delete from pictures');
    await journal.pool.query(
      `insert into messages (surface, subject, slot, channel, wanted, shown) values ('incident', $1, 'diagnosis', '#ops', 1, 1)`,
      [subject],
    );
    await run(journal.pool, wantPicture(key, wish));
  });
  const claim = async () => (await claimPictures(journal.pool, 10, LEASE_MS))[0];
  const draw = async (fileId: string) => {
    const job = await claim();
    if (job !== undefined) await keepPicture(journal.pool, job, fileId);
  };
  const pass = () => journal.pool.query(`update pictures set due_at = now() where due_at is not null`);
  const stale = async (): Promise<number> => {
    const { rows } = await journal.pool.query<{ n: number }>(
      `select (wanted - shown)::int as n from messages where subject = $1`,
      [subject],
    );
    return rows[0]?.n ?? 0;
  };

  it('is claimed by one process, and by another when that one dies', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, claim));
    expect(claims.filter((job) => job !== undefined)).toMatchObject([{ ...key, wish, tries: 1 }]);
    await pass();
    expect(await claim()).toMatchObject({ ...key, tries: 2 });
  });

  it('is shown once it is drawn, and never drawn again by itself', async () => {
    expect(await shownPicture(journal.pool, key)).toBeNull();
    await draw('F1');
    expect(await shownPicture(journal.pool, key)).toEqual({ wish, fileId: 'F1' });
    expect(await stale()).toBe(1);
    await pass();
    expect(await claim()).toBeUndefined();
  });

  it('that was drawn too late, by a process thought dead, changes nothing', async () => {
    const late = await claim();
    await pass();
    await draw('F2');
    if (late !== undefined) await keepPicture(journal.pool, late, 'F1');
    expect((await shownPicture(journal.pool, key))?.fileId).toBe('F2');
  });

  it('stays while the next one is drawn', async () => {
    await draw('F1');
    await run(journal.pool, wantPicture(key, wish));
    expect((await shownPicture(journal.pool, key))?.fileId).toBe('F1');
    await draw('F2');
    expect((await shownPicture(journal.pool, key))?.fileId).toBe('F2');
  });

  it('is left out while Slack is not ready for it, and in the end for good, which is said', async () => {
    await draw('F1');
    for (let n = 1; n <= 4; n += 1) {
      expect(await hidePicture(journal.pool, key, 'F1')).toBe(true);
      expect(await shownPicture(journal.pool, key)).toBeNull();
      expect(await showAgain(journal.pool)).toBe(0);
      await pass();
      expect(await showAgain(journal.pool)).toBe(1);
      expect(await stale()).toBe(1 + n);
      expect((await shownPicture(journal.pool, key))?.fileId).toBe('F1');
    }
    await hidePicture(journal.pool, key, 'F1');
    expect(await shownPicture(journal.pool, key)).toEqual({ wish, fileId: null });
  });

  it('that the message does not show is not to blame', async () => {
    expect(await hidePicture(journal.pool, key, 'F1')).toBe(false);
  });

  it('that could not be drawn is tried again, then dropped', async () => {
    const first = await claim();
    if (first !== undefined) await dropPicture(journal.pool, first, 'why', 1000);
    expect(await claim()).toBeUndefined();
    await pass();
    const second = await claim();
    if (second !== undefined) await dropPicture(journal.pool, second, 'why', null);
    await pass();
    expect(await claim()).toBeUndefined();
    expect(await shownPicture(journal.pool, key)).toBeNull();
    expect(await stale()).toBe(0);
  });
});
