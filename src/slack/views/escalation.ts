/** Somebody is called: whom, why, who is next, and how to reach people outside Slack. */
import { ROLE_SAID } from '../../domain/escalation.ts';
import { incidentId, stepId } from '../../domain/ids.ts';
import { CONTACTS, type Organisation, rulesOf } from '../../domain/organisation.ts';
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { EscalationStory } from '../../engine/reading/read-escalation-story.ts';
import type { EscalationRow } from '../../journal/escalations.ts';
import { actor, context, message, moment, type Rendered, section } from '../blocks.ts';

export function escalationView(story: EscalationStory, organisation: Organisation): Rendered {
  const { row } = story;
  const people = row.people.map(actor).join(', ');
  const called =
    people === '' ? '*Nobody is named for this in org.yaml*' : `${people} (${ROLE_SAID[row.role]})`;
  const title = escapeMrkdwn(oneLine(story.title, 200));
  const what =
    story.stepId === null
      ? `nobody has taken *${incidentId(row.subject)}* (${title}). Please click Acknowledge on its first message.`
      : `*${stepId(story.stepId)}* (${title}) needs a decision.`;
  return message([
    section(`⏫ ${called}: ${what}`),
    section([answer(story), ...pageLine(row)].join('\n')),
    context(reach(organisation)),
  ]);
}

function answer({ row, state, answeredBy }: EscalationStory): string {
  const waits = row.surface === 'incident' ? state === 'firing' : state === 'open';
  if (!waits)
    return `✓ It is ${state}${answeredBy === null ? '' : ` by ${actor(answeredBy)}`}: nobody else is called.`;
  if (!row.isLast) return 'No answer: the next was called.';
  if (row.nextAt === null || row.nextRole === null) return 'Nobody is left to call after this.';
  const next = (row.nextPeople ?? []).map(actor).join(', ');
  return `Next, if nobody answers: ${next} (${ROLE_SAID[row.nextRole]}) ${moment(row.nextAt)}`;
}

function pageLine(row: EscalationRow): readonly string[] {
  switch (row.page) {
    case 'none':
      return [];
    case 'due':
      return [
        row.pageProblem === null
          ? 'Page: going out'
          : `Page: tried ${row.pageTries} times, tried again (${escapeMrkdwn(oneLine(row.pageProblem, 200))})`,
      ];
    case 'sent':
      return [`Page: sent ${row.pagedAt === null ? '' : moment(row.pagedAt)}`];
    case 'failed':
      return [
        `⚠ Page: *not delivered*: ${escapeMrkdwn(oneLine(row.pageProblem ?? '', 200))}. Call by phone.`,
      ];
    default:
      return row.page satisfies never;
  }
}

/** The phone bridge, and the contacts with a warning for each that is unset. */
export function reach(organisation: Organisation): string {
  const { bridge, contacts } = rulesOf(organisation);
  const known = CONTACTS.flatMap((name) => {
    const contact = contacts[name];
    return contact === null ? [] : [`${name.replaceAll('-', ' ')}: ${escapeMrkdwn(oneLine(contact, 200))}`];
  });
  const unset = CONTACTS.filter((name) => contacts[name] === null).map((name) => name.replaceAll('-', ' '));
  return [
    bridge === null ? '⚠ phone bridge: unset' : `phone bridge: ${escapeMrkdwn(oneLine(bridge, 200))}`,
    ...known,
    ...(unset.length === 0 ? [] : [`⚠ contacts unset: ${unset.join(', ')}`]),
  ].join(' · ');
}
