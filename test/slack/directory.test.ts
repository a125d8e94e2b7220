import { describe, expect, it } from 'vitest';
import { createDirectory } from '../../src/slack/directory.ts';
import type { SlackAnswer, SlackPort } from '../../src/slack/slack-client.ts';

const OURS = { id: 'U1', team_id: 'TOURS' };

function slackSaying(
  user: object | null,
  own: object | null = { team_id: 'TOURS' },
): SlackPort & { calls: string[] } {
  const answer = (data: object | null): SlackAnswer =>
    data === null ? { kind: 'lost', why: 'HTTP 503' } : { kind: 'ok', data: { ...data } };
  const calls: string[] = [];
  return {
    calls,
    async call(method) {
      calls.push(method);
      if (method === 'auth.test') return answer(own);
      return answer(user === null ? null : { user });
    },
  };
}
const kind = (user: object | null, own?: object | null) =>
  createDirectory(slackSaying(user, own)).person('U1');

describe('who somebody is', () => {
  it.each([
    ['a member', {}, 'member'],
    ['a guest of several channels', { is_restricted: true }, 'guest'],
    ['a guest of one channel', { is_ultra_restricted: true }, 'guest'],
    ['a bot', { is_bot: true }, 'bot'],
    ['a workflow', { is_workflow_bot: true }, 'bot'],
    ['Slackbot', { id: 'USLACKBOT' }, 'bot'],
    ['somebody who has left', { deleted: true }, 'deactivated'],
    ['somebody of another workspace', { team_id: 'TTHEIRS' }, 'foreign'],
    ['a stranger of a shared channel, whatever team is named', { is_stranger: true }, 'foreign'],
    ['a guest of another workspace', { team_id: 'TTHEIRS', is_restricted: true }, 'foreign'],
    [
      'somebody of another enterprise',
      { team_id: 'TTHEIRS', enterprise_user: { enterprise_id: 'ETHEIRS' } },
      'foreign',
    ],
    ['somebody of whom Slack names no team', { team_id: undefined }, 'unknown'],
  ])('%s', async (_, user, expected) => {
    expect(await kind({ ...OURS, ...user })).toBe(expected);
  });

  it('on Enterprise Grid a colleague of another workspace is ours, somebody of another enterprise is not', async () => {
    const own = { team_id: 'TOURS', enterprise_id: 'EOURS' };
    const of = (enterprise: string) => ({
      ...OURS,
      team_id: 'TOTHER',
      enterprise_user: { enterprise_id: enterprise },
    });
    expect(await kind(of('EOURS'), own)).toBe('member');
    expect(await kind({ ...of('EOURS'), is_restricted: true }, own)).toBe('guest');
    expect(await kind(of('ETHEIRS'), own)).toBe('foreign');
    expect(await kind({ ...OURS, team_id: 'TOTHER' }, own)).toBe('foreign');
  });

  it('is unknown while Slack can’t say it, or can’t say which workspace is ours', async () => {
    expect(await kind(null)).toBe('unknown');
    expect(await kind(OURS, null)).toBe('unknown');
  });

  it('is asked of Slack once a minute', async () => {
    const slack = slackSaying(OURS);
    const directory = createDirectory(slack);
    await directory.person('U1');
    await directory.person('U1');
    expect(slack.calls.filter((method) => method === 'users.info')).toHaveLength(1);
  });
});
