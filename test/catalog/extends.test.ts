import { describe, expect, test } from 'vitest';
import { catalogOf, problemsOf, SYSTEM, serviceOf } from './written.ts';

const DEV = `version: 1
title: Shop, for developers
extends: shop
environment: dev
services:
  web: { url: "http://localhost:9090" }
`;

describe('a system that extends another', () => {
  test('has its services, with addresses and variables of its own', async () => {
    const catalog = await catalogOf({ 'shop-dev/system.yaml': DEV }, { SHOP_DEV_REDIS_URL: 'redis://dev:1' });
    expect(serviceOf(catalog, 'shop-dev', 'web')).toMatchObject({
      target: { url: 'http://localhost:9090', system: 'shop-dev' },
      probe: { probe: 'http', settings: { path: '/health' } },
    });
    expect(serviceOf(catalog, 'shop-dev', 'redis').target).toMatchObject({
      url: 'redis://dev:1',
      container: 'shop-redis',
    });
    expect(serviceOf(catalog, 'shop', 'redis').target.url).toBe('redis://localhost:6379');
  });

  test('has its runbooks under its own name, but for those it writes anew', async () => {
    const own = 'version: 1\ntitle: Another way\n';
    const catalog = await catalogOf({
      'shop-dev/system.yaml': DEV,
      'shop/web-down.yaml': 'version: 1\ntitle: Web is down\n',
      'shop-dev/web-down.yaml': own,
    });
    const runbooks = catalog.systems.find(({ name }) => name === 'shop-dev')?.runbooks ?? [];
    expect(runbooks.map(({ id, title, system }) => [id, title, system])).toEqual([
      ['shop-dev/redis-full', 'Redis is full', 'shop-dev'],
      ['shop-dev/web-down', 'Another way', 'shop-dev'],
    ]);
  });

  test('a circle is told in each of its systems', async () => {
    const problems = await problemsOf({
      'shop/system.yaml': SYSTEM.replace('title: Shop', 'title: Shop\nextends: shop-dev'),
      'shop-dev/system.yaml': DEV,
    });
    expect(problems).toMatchObject([
      {
        file: 'shop-dev/system.yaml',
        line: 3,
        col: 10,
        message: expect.stringContaining('shop-dev → shop → shop-dev'),
      },
      {
        file: 'shop/system.yaml',
        line: 3,
        col: 10,
        message: expect.stringContaining('shop → shop-dev → shop'),
      },
    ]);
  });

  test('a problem that both have is told once, where it is written', async () => {
    const problems = await problemsOf({
      'shop/system.yaml': SYSTEM.replace('path: /health', 'path: health'),
      'shop-dev/system.yaml': DEV.replace(/services:[\s\S]*/u, ''),
    });
    expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual(['shop/system.yaml:10']);
  });
});
