import { expect, test } from 'vitest';
import { createPace, rateOf } from '../../../src/slack/projector/pace.ts';

const SLACK = null;
const GATEWAY = 'http://127.0.0.1:1/api/';

/** A pace whose clock stands until it is moved. */
function paceOf(perSecond: number | null, apiUrl: string | null) {
  let now = 0;
  const rate = rateOf(perSecond, apiUrl);
  const pace = createPace(rate.burst, rate, () => now);
  return {
    ...pace,
    wait: (ms: number) => {
      now += ms;
    },
    /** How many routine posts go out now, up to `most`. */
    posts(most: number): number {
      let n = 0;
      while (n < most && pace.take('post', false) === 0) n += 1;
      return n;
    },
  };
}

test.each([SLACK, 'https://slack.com/api/', 'https://slack-gov.com/api/'])(
  'Slack (%s) gets a burst, then a message a second in a channel, and always has room for what is urgent',
  (apiUrl) => {
    const pace = paceOf(null, apiUrl);
    expect(pace.posts(1000)).toBe(16);
    expect([1, 2, 3, 4].map(() => pace.take('post', true))).toEqual([0, 0, 0, 0]);
    expect(pace.take('post', true)).toBe(1000);
    pace.wait(10_000);
    expect(pace.posts(1000)).toBe(6);
  },
);

test('something else in Slack’s place gets everything until it says 429, then Slack’s pace for five minutes', () => {
  const pace = paceOf(null, GATEWAY);
  expect(pace.posts(1000)).toBe(1000);
  pace.block('post', 3000);
  expect(pace.take('post', true)).toBe(3000);
  pace.wait(13_000);
  expect(pace.posts(1000)).toBe(9);
  pace.wait(5 * 60_000);
  expect(pace.posts(1000)).toBe(1000);
});

test('a number that is configured is kept to, whoever is in Slack’s place', () => {
  const pace = paceOf(50, GATEWAY);
  expect(pace.posts(1000)).toBe(46);
  pace.wait(1000);
  expect(pace.posts(1000)).toBe(46);
});
