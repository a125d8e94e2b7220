/** The same message, shorter and plainer, for when Slack refuses its content. What people click is never left out. */
import type { KnownBlock } from '@slack/web-api';
import { cut } from '../domain/text.ts';
import { type Rendered, section } from './blocks.ts';

/** Characters of each section, and blocks without a button, that the half message keeps. */
const HALF = { sectionText: 1000, blocks: 8 } as const;

const isClickable = (block: KnownBlock): boolean =>
  block.type === 'actions' ||
  block.type === 'input' ||
  (block.type === 'section' && block.accessory !== undefined);

/** What to try, one after the other: half of it; its text with its buttons; its text alone. */
export function plainerThan(rendered: Rendered): readonly Rendered[] {
  const clickable = rendered.blocks.filter((block) => block.type === 'actions');
  const text = cut(rendered.text, 3000);
  return [
    { text, blocks: halfOf(rendered.blocks) },
    { text, blocks: [section(text), ...clickable] },
    { text, blocks: [] },
  ];
}

/** Only blocks that every workspace knows; the first ones, cut, and each with a button. */
function halfOf(blocks: readonly KnownBlock[]): readonly KnownBlock[] {
  let kept = 0;
  return blocks.flatMap((block): readonly KnownBlock[] => {
    if (isClickable(block)) return [block];
    if (block.type !== 'section' && block.type !== 'header' && block.type !== 'divider') return [];
    kept += 1;
    if (kept > HALF.blocks) return [];
    if (block.type !== 'section' || block.text === undefined) return [block];
    return [section(cut(block.text.text, HALF.sectionText))];
  });
}
