import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenServer, openServer, ops } from './open-server.ts';

describe('faults and pace', () => {
  let server: OpenServer;
  beforeEach(async () => {
    server = await openServer();
  });
  afterEach(() => server.stop());
  const post = (text = 't') => server.call('chat.postMessage', { channel: ops, text });
  const texts = () => server.workspace.store.messages().map((message) => message.text);

  it('answers as told, so many times, and then as usual', async () => {
    const { faults } = server.workspace;
    faults.next('chat.postMessage', { kind: 'error', error: 'is_archived' }, 2);
    expect([await post(), await post(), await post()]).toEqual(['is_archived', 'is_archived', 'ok']);
    faults.next('*', { kind: 'http', status: 503 });
    expect(await post()).toMatch(/503/u);
    expect(await post()).toBe('ok');
  });

  it('says how long to wait', async () => {
    server.workspace.faults.next('chat.postMessage', { kind: 'limited', retryAfterSeconds: 7 });
    await expect(server.slack.chat.postMessage({ channel: ops, text: 't' })).rejects.toMatchObject({
      retryAfter: 7,
    });
  });

  it('cuts the connection before or after the call took effect', async () => {
    const { faults } = server.workspace;
    faults.next('chat.postMessage', { kind: 'reset', after: false });
    expect(await post('never there')).not.toBe('ok');
    faults.next('chat.postMessage', { kind: 'reset', after: true });
    expect(await post('there, though nobody was told')).not.toBe('ok');
    expect(texts()).toEqual(['there, though nobody was told']);
  });

  it('takes its time', async () => {
    server.workspace.faults.next('chat.postMessage', { kind: 'delay', ms: 300 });
    const begun = performance.now();
    expect(await post()).toBe('ok');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(295);
  });

  it('lets 25 messages through at once in a channel, then asks for a second’s pause', async () => {
    const paced = await openServer({ pace: { perSecond: 1, burst: 25 } });
    const answers = await Promise.all(
      Array.from({ length: 26 }, () => paced.call('chat.postMessage', { channel: ops, text: 't' })),
    );
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(25);
    await expect(paced.slack.chat.postMessage({ channel: ops, text: 't' })).rejects.toMatchObject({
      retryAfter: 1,
    });
    expect(await paced.call('chat.postMessage', { channel: 'C0RANDOM1', text: 't' })).toBe('ok');
    await paced.stop();
  });
});
