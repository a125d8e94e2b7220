import { describe, expect, it } from 'vitest';
import { measurePage, placeLines } from '../../../src/domain/storm.ts';
import { checkBlocks } from '../../../src/local/workspace/check-blocks.ts';
import { LIMITS } from '../../../src/slack/limits.ts';
import { stormPage } from '../../../src/slack/views/storm.ts';

const entry = (id: number, name: string) => ({
  id,
  token: '00000000-0000-4000-8000-000000000000',
  alertname: name,
  system: name,
  service: name,
  severity: name,
  state: 'acknowledged' as const,
  hasThread: false,
  openedAt: new Date(0),
});

describe('the pages of a storm', () => {
  it.each([
    ['short', 'A'],
    ['usual', 'HighMemoryUsage'],
    ['long', 'x'.repeat(4096)],
    ['escaped', '<&>'.repeat(1000)],
    ['quoted', '"\\'.repeat(1000)],
    ['astral', '𝒳'.repeat(1000)],
  ])('name every incident, whatever its state becomes, within Slack’s limits: %s names', (_, name) => {
    const entries = Array.from({ length: 400 }, (_unused, i) => entry(1_000_000 + i, name));
    const placed = placeLines(measurePage(1, []), entries);
    const pages = [...new Set(placed.map((line) => line.page))];
    expect(pages[0]).toBe(1);
    for (const page of pages) {
      const lines = entries.filter((_unused, i) => placed[i]?.page === page);
      const rendered = stormPage(page, lines);
      expect(checkBlocks(rendered?.blocks, 'message')).toEqual([]);
      expect(JSON.stringify(rendered?.blocks).length).toBeLessThanOrEqual(LIMITS.messageBlocksJson);
      expect(rendered?.text.length).toBeLessThanOrEqual(LIMITS.updateText);
      for (const line of lines) expect(rendered?.text).toContain(`INC-${line.id} `);
    }
  });

  it('leave a line where it is when more come', () => {
    const entries = Array.from({ length: 60 }, (_unused, i) => entry(i, 'HighMemoryUsage'));
    const before = placeLines(measurePage(1, []), entries.slice(0, 30));
    const last = before.at(-1)?.page ?? 1;
    const onLast = entries.slice(0, 30).filter((_unused, i) => before[i]?.page === last);
    const after = placeLines(measurePage(last, onLast), entries.slice(30));
    expect([...before, ...after]).toEqual(placeLines(measurePage(1, []), entries));
  });
});
