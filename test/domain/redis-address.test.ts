import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../src/domain/redis-address.ts';

describe('the address of the queue’s Redis', () => {
  it('is a server', () => {
    expect(parseRedisAddress('redis://:s%40cret@127.0.0.1:6379/1')).toEqual({
      kind: 'server',
      url: 'redis://:s%40cret@127.0.0.1:6379/1',
      password: 's@cret',
    });
  });
  it('or a master that Sentinels know by its name', () => {
    expect(
      parseRedisAddress(
        'rediss+sentinel://bot:s%40cret@a:26380,10.0.0.2,[::1]:26381/queue/3?sentinelPassword=x%2Fy',
      ),
    ).toEqual({
      kind: 'sentinel',
      tls: true,
      username: 'bot',
      password: 's@cret',
      sentinelPassword: 'x/y',
      sentinels: [
        { host: 'a', port: 26380 },
        { host: '10.0.0.2', port: 26379 },
        { host: '::1', port: 26381 },
      ],
      name: 'queue',
      db: 3,
    });
    expect(parseRedisAddress('redis+sentinel://a:1/queue')).toMatchObject({
      tls: false,
      password: '',
      db: 0,
    });
  });
  it.each([
    'http://a:1',
    'redis+sentinel://a:1',
    'redis+sentinel:///queue',
    'redis+sentinel://a:0/queue',
    'redis+sentinel://a:1,b:99999/queue',
    'redis+sentinel://a:1/queue/x',
    'redis+sentinel://u:%zz@a:1/queue',
    'queue',
  ])('and not %s', (text) => expect(parseRedisAddress(text)).toBeNull());
});
