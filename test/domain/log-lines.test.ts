import { describe, expect, it } from 'vitest';
import { newestThatFit } from '../../src/domain/log-lines.ts';
import { alignColumns } from '../../src/domain/table.ts';

describe('the newest lines', () => {
  it('are all of them when they fit', () => expect(newestThatFit('a\nb', 3)).toBe('a\nb'));
  it('are whole lines, with what is left out said', () => {
    expect(newestThatFit('first\nsecond\nthird', 14)).toBe('…\nthird');
    expect(newestThatFit('x'.repeat(100), 10)).toBe(`…\n${'x'.repeat(8)}`);
    for (let max = 3; max < 20; max += 1)
      expect(newestThatFit('first\nsecond\nthird\n', max).length).toBeLessThanOrEqual(max);
  });
});

describe('columns', () => {
  it('are as wide as their widest cell', () => {
    expect(alignColumns([['A', 'B'], ['long', 'x', 'y'], []])).toBe('A     B\nlong  x  y\n');
    expect(alignColumns([])).toBe('');
  });
});
