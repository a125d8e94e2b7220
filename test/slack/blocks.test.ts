import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '../../src/local/workspace/check-blocks.ts';
import { buttons, context, header, message, section, sections } from '../../src/slack/blocks.ts';
import { LIMITS } from '../../src/slack/limits.ts';

const button = { label: 'Approve', action: 'request.approve', value: 'token' };

describe('a message never passes a limit of Slack’s', () => {
  it.each([LIMITS.sectionText, LIMITS.sectionText + 1, 50_000])('with a text of %i characters', (n) => {
    const { blocks, text } = message([
      header('x'.repeat(n)),
      section('x'.repeat(n)),
      context('x'.repeat(n)),
      buttons([{ ...button, label: 'x'.repeat(n) }]),
    ]);
    expect(checkBlocks(blocks, 'message')).toEqual([]);
    expect(text.length).toBeLessThanOrEqual(LIMITS.updateText);
  });

  it.each([LIMITS.messageBlocks, LIMITS.messageBlocks + 1, 500])(
    'with %i blocks; the buttons at its end stay',
    (n) => {
      const { blocks } = message([
        ...Array.from({ length: n - 1 }, (_, i) => section(`part ${i}`)),
        buttons([button]),
      ]);
      expect(blocks.length).toBeLessThanOrEqual(LIMITS.messageBlocks);
      expect(blocks.at(-1)?.type).toBe('actions');
      expect(checkBlocks(blocks, 'message')).toEqual([]);
    },
  );

  it('with far more than all blocks together may hold: the cut is said, and no fence stays open', () => {
    const { blocks } = message([
      ...Array.from({ length: 20 }, () => section(`\`\`\`${'x'.repeat(2900)}\`\`\``)),
      buttons([button]),
    ]);
    expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(LIMITS.messageBlocksJson);
    for (const block of blocks) {
      if (block.type !== 'section') continue;
      expect((block.text?.text.match(/```/gu)?.length ?? 0) % 2).toBe(0);
    }
    expect(JSON.stringify(blocks)).toContain('… cut');
  });

  it('with any lines at all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 4000, unit: 'binary' }), {
          minLength: 1,
          maxLength: 40,
        }),
        (lines) => {
          const { blocks } = message([...sections(lines), buttons([button])]);
          expect(checkBlocks(blocks, 'message')).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
