/** `/ops env`: which of a page's variables a service really has. Names and `set` or `not set`, never values. */
import { lookupStep } from '../../domain/log-lines.ts';
import type { ServiceEntry, System } from '../../domain/runbook.ts';
import { escapeCode, escapeMrkdwn } from '../../domain/text.ts';
import { askService } from '../../engine/checks/ask-service.ts';
import type { SlackContext } from '../slack-context.ts';
import { aboutSystem, listed } from './about-system.ts';

type Part = NonNullable<System['facts']>['variables'][number];

const line = (name: string, says: string): string => `• \`${escapeCode(name)}\` ${says}`;

export const env = aboutSystem(
  'env',
  'env SYSTEM',
  'which variables its containers have; names, never values',
  async (context, system) => {
    const parts = await Promise.all(
      (system.facts?.variables ?? []).map((part) => {
        const entry = system.services.find(({ name }) => name === part.part);
        return entry === undefined
          ? ofPrograms(context, system, part)
          : ofService(context, system, entry, part);
      }),
    );
    return listed(`Variables of ${system.name}`, parts.flat(), 'Its page lists none.');
  },
);

/** What its container was made with, as the Docker engine says. */
async function ofService(
  context: SlackContext,
  system: System,
  entry: ServiceEntry,
  { part, names }: Part,
): Promise<readonly string[]> {
  const title = `*${escapeMrkdwn(part)}*`;
  if (entry.target.container === null)
    return [
      `${title}: can’t know. The catalog names no container of it.`,
      ...names.map((name) => line(name, 'not known')),
    ];
  const found = await askService(
    context.engine,
    system.name,
    lookupStep(entry.name, 'docker.env', { names }),
  );
  const head = `${title}, container \`${escapeCode(entry.target.container)}\``;
  const { missing } = found.facts;
  if (typeof missing !== 'string') {
    const why = escapeMrkdwn(found.reason ?? found.state);
    return [`${head}: can’t know. ${why}`, ...names.map((name) => line(name, 'not known'))];
  }
  const absent = missing.split(', ');
  return [head, ...names.map((name) => line(name, absent.includes(name) ? '*not set*' : 'set'))];
}

/** No service of the catalog: variables of the commands that Pageturner itself runs, which get them from its own. */
function ofPrograms(context: SlackContext, system: System, { part, names }: Part): readonly string[] {
  const commands = `for the commands that Pageturner runs for ${system.name}, from its own environment`;
  return [
    `*${escapeMrkdwn(part)}*, ${escapeMrkdwn(commands)}`,
    'No container belongs to it: what a shell or another machine has can’t be known here.',
    ...names.map((name) => line(name, context.isSet(name) ? 'set' : '*not set*')),
  ];
}
