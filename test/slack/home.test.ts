import { describe, expect, it } from 'vitest';
import type { Catalog, ServiceEntry, System } from '../../src/domain/runbook.ts';
import type { Home } from '../../src/engine/reading/read-home.ts';
import { toStep } from '../../src/journal/steps.ts';
import { checkView } from '../../src/local/workspace/check-blocks.ts';
import { LIMITS } from '../../src/slack/limits.ts';
import { homeBlocks, homeView } from '../../src/slack/views/home.ts';

const NOW = new Date('2026-01-10T03:00:00Z');
const minutesAgo = (n: number): Date => new Date(NOW.getTime() - n * 60_000);
const service = (name: string): ServiceEntry => ({ name, probe: {} }) as unknown as ServiceEntry;
const system = (name: string, services: readonly string[]): System =>
  ({ name, services: services.map(service) }) as unknown as System;
const catalogOf = (...systems: readonly System[]): Catalog => ({
  systems,
  organisation: { techLead: ['ULEAD'], onCall: ['UCALL'], dutyOfficer: [] },
  secrets: [],
});
const EMPTY: Home = {
  now: NOW,
  halt: null,
  health: [],
  incidents: { shown: [], total: 0 },
  running: [],
  requests: [],
  person: 'UCALL',
  mine: [],
  lines: [],
};
const text = (home: Home, catalog: Catalog): string =>
  JSON.stringify(homeBlocks(home, catalog, () => 'in #ops-shared'));
const look = (name: string, state: 'up' | 'degraded' | 'down', since: Date, seenAt = NOW) => ({
  system: 'shop',
  service: name,
  state,
  since,
  seenAt,
});

describe('App Home', () => {
  it('says of a system how it is since when, worst first, and what was seen long ago', () => {
    const shop = catalogOf(system('shop', ['web', 'redis', 'mysql']), system('depot', ['web']));
    const up = [
      look('web', 'up', minutesAgo(60)),
      look('redis', 'up', minutesAgo(5)),
      look('mysql', 'up', minutesAgo(90)),
    ];
    expect(text({ ...EMPTY, health: up }, shop)).toContain(
      `🟢 *shop* · 3 of 3 up · up since <!date^${minutesAgo(5).getTime() / 1000}^`,
    );
    const bad = [
      look('web', 'degraded', minutesAgo(50)),
      look('redis', 'down', minutesAgo(5)),
      look('mysql', 'down', minutesAgo(9)),
    ];
    const said = text({ ...EMPTY, health: bad }, shop);
    expect(said).toContain(`🔴 *shop* · 0 of 3 up · down since <!date^${minutesAgo(9).getTime() / 1000}^`);
    expect(said).toContain('redis down, mysql down, web degraded');
    expect(said).toContain('⚪ *depot* · nobody has looked yet');
    expect(said).not.toContain('last looked at');
    const old = text({ ...EMPTY, health: [look('web', 'up', minutesAgo(60), minutesAgo(40))] }, shop);
    expect(old).toContain('last looked at');
  });

  it('leaves out services that the catalog no longer has', () => {
    const shop = catalogOf(system('shop', ['web']));
    const health = [look('web', 'up', minutesAgo(1)), look('gone', 'down', minutesAgo(1))];
    expect(text({ ...EMPTY, health }, shop)).toContain('🟢 *shop* · 1 of 1 up');
  });

  it('stays within Slack’s limits, however much there is', () => {
    const names = Array.from({ length: 300 }, (_, i) => `system-${i}`);
    const incident = {
      id: 1,
      token: 't',
      alertname: '<!channel> *x* '.repeat(40),
      system: 'shop'.repeat(80),
      service: null,
      state: 'firing',
      openedAt: NOW,
    } as unknown as Home['incidents']['shown'][number]['incident'];
    const running = Array.from({ length: 15 }, (_, id) => ({
      step: toStep({
        id,
        runId: 1,
        position: 1,
        type: 'action',
        danger: 'safe',
        seal: null,
        definition: { title: 'a long title '.repeat(40), action: 'command' },
        state: 'running',
        due: true,
        attempt: 0,
        wake: 1,
        result: null,
        replacedBy: null,
        token: 't',
        progress: null,
        startedAt: NOW,
        endedAt: null,
      }),
      runTitle: 'r'.repeat(500),
      runbookId: 'shop/x',
      incidentId: 7,
    }));
    const home: Home = {
      ...EMPTY,
      halt: { askedBy: 'UCALL', reason: 'x'.repeat(5000), at: NOW },
      incidents: { shown: Array.from({ length: 25 }, () => ({ incident, root: null })), total: 900 },
      running,
      health: names.map((name) => ({ ...look('web', 'down', NOW), system: name })),
    };
    const blocks = homeBlocks(
      home,
      catalogOf(...names.map((name) => system(name, ['web']))),
      () => 'in #ops-shared',
    );
    const view = homeView(blocks, NOW);
    expect(checkView(view)).toEqual([]);
    expect(view.blocks.length).toBeLessThanOrEqual(LIMITS.viewBlocks);
    expect(JSON.stringify(view)).not.toContain('<!channel>');
    expect(JSON.stringify(view)).toContain('and 875 more');
  });

  it('gives the same blocks for the same state, whenever it is published', () => {
    const shop = catalogOf(system('shop', ['web']));
    const later = { ...EMPTY, now: new Date(NOW.getTime() + 60_000) };
    expect(text(later, shop)).toBe(text(EMPTY, shop));
  });
});
