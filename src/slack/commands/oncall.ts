/** `/ops oncall`: who is on call now, until when, who comes next, and how to reach people outside Slack. */
import { backupNow, onCallNow, rulesOf } from '../../domain/organisation.ts';
import { dutyAt } from '../../domain/rotation.ts';
import { freezeAt, nextWindow, sayInstant, windowAt } from '../../domain/windows.ts';
import type { Engine } from '../../engine/core/engine.ts';
import { dbNow } from '../../journal/clock.ts';
import { liveDelegations } from '../../journal/delegations.ts';
import { actor, moment } from '../blocks.ts';
import { reach } from '../views/escalation.ts';
import type { Command } from './command.ts';

const NOBODY = '*nobody*: see org.yaml';
const named = (people: readonly string[]): string =>
  people.length === 0 ? NOBODY : people.map(actor).join(', ');

export const oncall: Command = {
  name: 'oncall',
  usage: 'oncall',
  says: 'who is on call, until when, who is next, live delegations, the window and contacts',
  async run({ engine }) {
    const { organisation } = engine.catalog;
    const { pool } = engine.journal;
    const now = await dbNow(pool);
    const delegations = await liveDelegations(pool);
    return [
      `*On call*: ${named(onCallNow(organisation, now))}${shift(engine, now)}`,
      `*Backup*: ${named(backupNow(organisation, now))}`,
      `*Tech lead*: ${named(organisation.techLead)}`,
      `*Duty officer*: ${named(organisation.dutyOfficer)}`,
      ...delegations.map(
        (one) =>
          `*Delegation*: ${actor(one.person)} by ${actor(one.givenBy)}${one.system === null ? '' : `, for ${one.system}`}, until ${moment(one.endsAt)}`,
      ),
      ...calendar(engine, now),
      reach(organisation),
    ].join('\n');
  },
};

function shift({ catalog }: Engine, now: Date): string {
  const { rotation } = rulesOf(catalog.organisation);
  const duty = rotation === null ? null : dutyAt(rotation, now);
  if (duty === null) return '';
  const how = duty.byOverride ? ' (override)' : '';
  if (duty.until === null) return how;
  return `${how} until ${moment(duty.until)}${duty.next === null ? '' : `, then ${actor(duty.next)}`}`;
}

function calendar({ catalog }: Engine, now: Date): readonly string[] {
  const { windows, freezes } = rulesOf(catalog.organisation);
  const window = windowAt(windows, now);
  const next = nextWindow(windows, now);
  const frozen = catalog.systems.flatMap(({ name }) => {
    const freeze = freezeAt(freezes, name, now);
    return freeze === null ? [] : [`*Freeze* of ${name} until ${sayInstant(freeze.to)}`];
  });
  const said =
    window !== null
      ? `open until ${sayInstant(window.to)}`
      : next === null
        ? 'none is planned'
        : `the next begins ${sayInstant(next.from)}`;
  return [`*Window for changes to production*: ${said}`, ...frozen];
}
