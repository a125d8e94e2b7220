/** The five boxes of change management in a step's message: three that people tick, two that the bot sees for itself. */
import type { KnownBlock } from '@slack/web-api';
import { BOX_KEYS, BOXES, LEAD_BOX, WINDOW_BOX } from '../../domain/change-rules.ts';
import { type Organisation, rulesOf } from '../../domain/organisation.ts';
import { nextWindow, sayInstant, windowAt } from '../../domain/windows.ts';
import type { RequestRow } from '../../journal/requests.ts';
import { actor, moment, sections } from '../blocks.ts';
import { checkboxes } from '../checkboxes.ts';

export const TICK_ACTION = 'boxes.tick';

/** `now`: by it the window is open or not. */
export function boxBlocks(request: RequestRow, organisation: Organisation, now: Date): readonly KnownBlock[] {
  const ticked = new Map(request.ticks.map((tick) => [tick.item, tick]));
  const { windows } = rulesOf(organisation);
  const window = windowAt(windows, now);
  const next = nextWindow(windows, now);
  const duty = request.plan.approvers?.includes('duty-officer') === true ? ', or the duty officer' : '';
  const by = BOX_KEYS.flatMap((box) => {
    const tick = ticked.get(box);
    return tick === undefined ? [] : [`☑ ${BOXES[box]} · ${actor(tick.person)} ${moment(tick.at)}`];
  });
  return [
    ...sections(['*Before a change to production*, all five:']),
    checkboxes(
      TICK_ACTION,
      request.token,
      BOX_KEYS.map((box) => ({ key: box, label: BOXES[box], ticked: ticked.has(box) })),
    ),
    ...sections([
      ...by,
      `${window === null ? '☐' : '☑'} ${WINDOW_BOX} · ${window === null ? (next === null ? 'none is planned' : `the next begins ${sayInstant(next.from)}`) : `until ${sayInstant(window.to)}`}`,
      `☐ ${LEAD_BOX}${duty} · with the click on Approve`,
    ]),
  ];
}

/** Once it is decided: who ticked what. */
export function boxLines(request: RequestRow): readonly string[] {
  return request.ticks.map((tick) => {
    const box = BOX_KEYS.find((key) => key === tick.item);
    return `☑ ${box === undefined ? tick.item : BOXES[box]} · ${actor(tick.person)} ${moment(tick.at)}`;
  });
}
