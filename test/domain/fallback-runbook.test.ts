import { describe, expect, it } from 'vitest';
import { fallbackRunbook } from '../../src/domain/fallback-runbook.ts';
import { lookupStep } from '../../src/domain/log-lines.ts';
import type { ServiceEntry, System } from '../../src/domain/runbook.ts';

function entry(name: string, container: string | null, probe: string | null): ServiceEntry {
  return {
    name,
    target: {
      system: 'shop',
      service: name,
      environment: 'test',
      url: null,
      container,
      dockerHost: null,
      secrets: [],
      declared: {},
    } as unknown as ServiceEntry['target'],
    probe: probe === null ? null : { ...lookupStep(name, probe), withinMs: 30_000 },
    sharedWith: name === 'redis' ? ['the basket'] : [],
    notConfigured: null,
    notes: name === 'redis' ? ['the page says 6379 and 6380'] : [],
  };
}
const shop: System = {
  name: 'shop',
  title: 'Shop',
  environment: 'test',
  services: [
    entry('docker', null, null),
    entry('web', null, 'http'),
    entry('redis', 'shop-redis', 'redis.ping'),
    entry('worker', 'shop-worker', null),
    entry('cron', 'shop-cron', 'docker.container'),
  ],
  links: [{ title: 'Board', url: 'https://board.invalid' }],
  runbooks: [],
};
const ask = (system: string | null, service: string | null) =>
  fallbackRunbook({ systems: [shop] }, system, service);
const probes = (system: string | null, service: string | null) =>
  ask(system, service)?.diagnose.map(({ probe, service: of }) => `${probe} ${of}`);

describe('the diagnosis of an alert that no runbook matches', () => {
  it('asks the service it names for its health, its container and its last 50 lines', () => {
    expect(probes('shop', 'redis')).toEqual([
      'redis.ping redis',
      'docker.container redis',
      'docker.logs redis',
    ]);
    expect(ask('shop', 'redis')?.diagnose.at(-1)?.settings).toEqual({ lines: 50 });
    expect(ask('shop', 'redis')?.diagnose.every(({ withinMs }) => withinMs === 0)).toBe(true);
    expect(ask('shop', 'redis')?.notes).toEqual(['Also there: the basket', 'the page says 6379 and 6380']);
  });

  it('asks a container once, and a service without one only for its health', () => {
    expect(probes('shop', 'cron')).toEqual(['docker.container cron', 'docker.logs cron']);
    expect(probes('shop', 'web')).toEqual(['http web']);
  });

  it('asks every service where none is named, and says so where nobody knows the name', () => {
    const all = ['http web', 'redis.ping redis', 'docker.container worker', 'docker.container cron'];
    expect(probes('shop', null)).toEqual(all);
    expect(probes('shop', 'reddis')).toEqual(all);
    expect(ask('shop', 'reddis')?.notes).toEqual([
      '"reddis" is no service of shop: every service was asked instead.',
    ]);
  });

  it('offers nothing that changes anything, calls nobody by itself, and is none for an unknown system', () => {
    expect(ask('shop', 'redis')).toMatchObject({
      steps: [],
      recover: [],
      verify: [],
      escalate: null,
      links: shop.links,
    });
    expect(ask('depot', 'redis')).toBeNull();
    expect(ask(null, null)).toBeNull();
  });
});
