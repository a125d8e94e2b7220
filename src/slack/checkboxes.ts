/** Boxes to tick, as Slack's element: its block carries an opaque id, its options only which box is meant. */
import type { ActionsBlock, Checkboxes, KnownBlock, PlainTextOption } from '@slack/web-api';
import { cut } from '../domain/text.ts';
import { LIMITS } from './limits.ts';

export interface BoxDraft {
  readonly key: string;
  readonly label: string;
  readonly ticked: boolean;
}

/**
 * Slack keeps what a person sees ticked for as long as block and action have the same ids, so the block's id says what
 * is ticked: whatever others tick is then shown.
 */
export function checkboxes(action: string, token: string, boxes: readonly BoxDraft[]): ActionsBlock {
  const options = boxes.slice(0, LIMITS.checkboxOptions).map(
    (box): PlainTextOption => ({
      text: { type: 'plain_text', text: cut(box.label, LIMITS.optionText), emoji: true },
      value: box.key,
    }),
  );
  const ticked = options.filter((_, i) => boxes[i]?.ticked === true);
  const bits = boxes.map((box) => (box.ticked ? '1' : '0')).join('');
  const element: Checkboxes = {
    type: 'checkboxes',
    action_id: action,
    options,
    ...(ticked.length === 0 ? {} : { initial_options: ticked }),
  };
  return { type: 'actions', block_id: `${action}/${token}/${bits}`, elements: [element] };
}

export interface Ticking {
  readonly token: string;
  readonly ticked: readonly string[];
  readonly unticked: readonly string[];
}

/** What a click changed: what is chosen now, held against what the message showed. */
export function readTicking(
  action: { readonly blockId: string; readonly actionId: string; readonly selected: readonly string[] },
  shown: readonly KnownBlock[],
): Ticking {
  const token = action.blockId.split('/')[1] ?? '';
  const block = shown.find((one) => one.block_id === action.blockId);
  const elements = block?.type === 'actions' ? block.elements : [];
  const element = elements.find(
    (one): one is Checkboxes => one.type === 'checkboxes' && one.action_id === action.actionId,
  );
  const before = (element?.initial_options ?? []).map((option) => option.value ?? '');
  return {
    token,
    ticked: action.selected.filter((key) => !before.includes(key)),
    unticked: before.filter((key) => !action.selected.includes(key)),
  };
}
