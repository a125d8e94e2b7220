import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSilence,
  expireSilence,
  listSilences,
  type NewSilence,
  readAlertmanager,
} from '../../src/clients/alertmanager.ts';
import { neverSent } from '../../src/clients/never-sent.ts';
import { type AlertmanagerServer, startAlertmanager } from '../servers/alertmanager.ts';

let server: AlertmanagerServer;
beforeAll(async () => {
  server = await startAlertmanager({ webhookUrl: 'http://127.0.0.1:9/', bearerToken: 'x' });
});
afterAll(() => server?.stop());

const bounds = () => ({ signal: AbortSignal.timeout(20_000), timeoutMs: 10_000 });
const silence = (changes: Partial<NewSilence> = {}): NewSilence => ({
  matchers: [
    { label: 'system', op: '=', value: 'moalog' },
    { label: 'service', op: '=~', value: 'redis|mysql' },
    { label: 'severity', op: '!=', value: 'critical' },
    { label: 'instance', op: '!~', value: 'a.*' },
  ],
  startsAt: new Date(),
  endsAt: new Date(Date.now() + 60_000),
  createdBy: 'pageturner',
  comment: 'a "quoted" one',
  ...changes,
});

describe('silences of a real Alertmanager', () => {
  test('one that is made is listed as it was asked for, and ends when it is told to', async () => {
    const wanted = silence();
    const id = await createSilence(server.url, wanted, bounds());
    const found = (await listSilences(server.url, bounds())).find((one) => one.id === id);
    expect(found).toMatchObject({ state: 'active', createdBy: 'pageturner', comment: wanted.comment });
    expect(found?.matchers).toEqual(wanted.matchers);
    expect(found?.endsAt).toEqual(wanted.endsAt);
    expect(await expireSilence(server.url, id, bounds())).toBe('expired');
    expect(await expireSilence(server.url, id, bounds())).toBe('gone');
    expect((await listSilences(server.url, bounds())).find((one) => one.id === id)?.state).toBe('expired');
  });

  test('one that is not there is gone', async () => {
    expect(await expireSilence(server.url, '5d8a0b5e-7f3b-4b34-8a6f-0c6d0d1f7d11', bounds())).toBe('gone');
  });

  test('one that Alertmanager refuses is told with its reason', async () => {
    await expect(createSilence(server.url, silence({ matchers: [] }), bounds())).rejects.toThrow(
      /Alertmanager refused: .*matcher/u,
    );
  });

  test('tells its version', async () => {
    expect(await readAlertmanager(server.url, bounds())).toMatchObject({
      cluster: null,
      version: expect.stringMatching(/^\d/u),
    });
  });

  test('ends at the abort, and an Alertmanager that is not there was never asked', async () => {
    const aborted = { signal: AbortSignal.abort(new Error('stopped')), timeoutMs: 1000 };
    await expect(listSilences(server.url, aborted)).rejects.toThrow('stopped');
    const error = await createSilence('http://u:p@127.0.0.1:1', silence(), bounds()).catch(
      (caught: unknown) => caught,
    );
    expect(neverSent(error)).toBe(true);
    expect(String(error)).not.toContain('u:p');
    expect(neverSent(new Error('x', { cause: Object.assign(new Error('y'), { code: 'ECONNRESET' }) }))).toBe(
      false,
    );
  });
});
