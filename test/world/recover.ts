/** One incident of the small moalog from its alert to its end, as the people in the channel go through it. */
import { expect } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { buttonLabels, lastTs, roots, thread, toldAlone } from '../e2e/slack-thread.ts';
import { sendAlerts } from '../e2e/webhook.ts';
import { waitFor } from '../servers/program.ts';
import type { Service } from './compose-file.ts';
import type { CaredFor } from './start-moalog.ts';

/** For what takes an engine, a server and several steps. */
const LONG_MS = 20_000;

export interface Incident {
  readonly id: string;
  readonly root: Message;
  /** What the thread says once the diagnosis is done. */
  readonly diagnosis: Message;
  readonly labels: Readonly<Record<string, string>>;
}

/** Sends the alert and waits for a thread whose diagnosis says all of `parts`. */
export async function openIncident(
  { world }: CaredFor,
  alertname: string,
  service: Service | null,
  parts: readonly (string | RegExp)[],
): Promise<Incident> {
  const labels = {
    alertname,
    system: 'moalog',
    severity: 'critical',
    ...(service === null ? {} : { service }),
  };
  const before = lastTs(world.workspace);
  await sendAlerts(
    world,
    [{ labels }],
    `{}:{alertname="${alertname}", service="${service}", at="${before}"}`,
  );
  const root = await waitFor(`a thread about ${alertname} of ${service}`, LONG_MS, () =>
    roots(world.workspace).find(({ ts, text }) => ts > before && text.includes(alertname)),
  );
  for (const part of ['moalog', 'firing', service ?? 'moalog']) expect(root.text).toContain(part);
  const diagnosis = await reply(world, root, ['*Diagnosis* · done', ...parts]);
  return { id: /INC-\d+/u.exec(root.text)?.[0] ?? '', root, diagnosis, labels };
}

/** The text that Slack keeps beside the blocks is cut; people see the blocks. */
const shown = ({ text, blocks }: Message): string =>
  [text, ...(blocks ?? []).map((block) => wordsOf(block.text))].join('\n');

const wordsOf = (text: unknown): string =>
  typeof text === 'object' && text !== null && 'text' in text && typeof text.text === 'string'
    ? text.text
    : '';

export async function reply(
  { workspace }: CaredFor['world'],
  root: Message,
  parts: readonly (string | RegExp)[],
): Promise<Message> {
  const says = (text: string, part: string | RegExp): boolean =>
    typeof part === 'string' ? text.includes(part) : part.test(text);
  return waitFor('a reply', LONG_MS, () =>
    thread(workspace, root.ts).find((message) => parts.every((part) => says(shown(message), part))),
  ).catch((error: unknown) => {
    const there = thread(workspace, root.ts).map(shown);
    throw new Error(`there is no reply with ${parts.join(', ')}; there are:\n${there.join('\n---\n')}`, {
      cause: error,
    });
  });
}

/** A developer clicks the option; the step that then waits. Nothing is done by that. */
export async function askFor({ world }: CaredFor, { root, diagnosis }: Incident, option: string) {
  expect(buttonLabels(diagnosis)).toContain(option);
  await world.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, option);
  return nextStep(world, root, option);
}

/** A step of the option that waits for a decision. */
export const nextStep = (world: CaredFor['world'], root: Message, option: string): Promise<Message> =>
  reply(world, root, [`*${option}* · STEP-`, 'waits for a decision', '*Who may decide*']);

/** Refused from whoever asked, who isn't entitled; then decided by one who is. */
export async function approve(
  { world: { workspace } }: CaredFor,
  step: Message,
  person: keyof typeof PEOPLE,
): Promise<void> {
  const before = lastTs(workspace);
  await workspace.as(PEOPLE.developer.id).click(step.ts, 'Approve');
  await toldAlone(workspace, PEOPLE.developer.id, 'not authorised', before);
  await workspace.as(PEOPLE[person].id).click(step.ts, 'Approve');
}

/** `mitigated` stands in the root, after the checks that say so. */
export async function mitigated({ world }: CaredFor, { root, id }: Incident): Promise<void> {
  await waitFor(
    `${id} to be mitigated; its thread: ${thread(world.workspace, root.ts).length}`,
    LONG_MS,
    () => rootNow(world, root).text.includes('mitigated'),
  ).catch((error: unknown) => {
    const there = thread(world.workspace, root.ts).map(({ text }) => text);
    throw new Error(`${id} is not mitigated:\n${there.join('\n---\n')}`, { cause: error });
  });
}

/** All is done, and nothing here can tell whether what the alert says is gone. */
export async function unknown({ world }: CaredFor, incident: Incident): Promise<void> {
  await reply(world, incident.root, ['Check after', 'Done; still firing until']);
  expect(rootNow(world, incident.root).text).toContain('firing');
}

/** The alert ends; the incident with it, with a timeline. */
export async function resolved({ world }: CaredFor, incident: Incident): Promise<void> {
  const { root, labels, id } = incident;
  await sendAlerts(world, [{ labels, status: 'resolved' }]);
  await waitFor(`${id} to be resolved`, LONG_MS, () => rootNow(world, root).text.includes('resolved'));
  await reply(world, root, ['Timeline', 'approved', 'resolved']);
}

export function rootNow({ workspace }: CaredFor['world'], root: Message): Message {
  const now = roots(workspace).find(({ ts }) => ts === root.ts);
  if (now === undefined) throw new Error('the root message is gone');
  return now;
}

/** Every text that a thread's messages have had, in order. */
export function everSaid({ workspace }: CaredFor['world'], root: Message): readonly string[] {
  return thread(workspace, root.ts).flatMap(({ channel, ts }) =>
    workspace.store.history(channel, ts).map(({ text }) => text),
  );
}
