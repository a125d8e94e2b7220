/** `/ops runbooks [SYSTEM]` lists them; `/ops runbook ID` reads one. */
import { nearest } from '../../domain/nearest.ts';
import { expected } from '../../domain/params.ts';
import type { Matcher, Runbook, Step } from '../../domain/runbook.ts';
import { escapeCode, escapeMrkdwn } from '../../domain/text.ts';
import { chooseSystems } from './choose-systems.ts';
import type { Command } from './command.ts';

export const runbooks: Command = {
  name: 'runbooks',
  usage: 'runbooks [SYSTEM]',
  says: 'lists the runbooks, each with its id',
  async run({ engine }, ask) {
    const chosen = chooseSystems(engine.catalog.systems, ask.words[0], undefined);
    if ('wrong' in chosen) return chosen.wrong;
    return chosen.systems
      .flatMap((system) => [
        `*${system.name}*`,
        ...(system.runbooks.length === 0
          ? ['• no runbook yet']
          : system.runbooks.map((r) => `• \`${r.id}\` ${escapeMrkdwn(r.title)}`)),
      ])
      .join('\n');
  },
};

const matcher = ({ label, op, value }: Matcher): string => `${label}${op}"${value}"`;

function sayStep(step: Step): string {
  switch (step.type) {
    case 'task':
      return `A person: ${step.title ?? step.task}`;
    case 'probe': {
      const wait = step.withinMs > 0 ? `, until up, at most ${step.withinMs / 1000} s` : '';
      return `${step.title ?? step.key}: ${step.probe} on ${step.service}${wait}`;
    }
    case 'action':
      return `${step.title ?? step.key}: ${step.action} on ${step.service}${step.danger === null ? '' : ` (${step.danger})`}`;
    default:
      return step satisfies never;
  }
}

function read(runbook: Runbook): string {
  const bullets = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`*${title}*`, ...lines.map((line) => `• ${escapeMrkdwn(line)}`)];
  return [
    `*${escapeMrkdwn(runbook.title)}* \`${runbook.id}\``,
    ...bullets('Symptoms', runbook.symptoms),
    ...bullets('Impact', runbook.impact),
    ...(runbook.triggers.length === 0
      ? []
      : ['*Triggers*', ...runbook.triggers.map((all) => `• \`${escapeCode(all.map(matcher).join(', '))}\``)]),
    ...bullets(
      'Diagnosis',
      runbook.diagnose.map((step) => `${step.title ?? step.key}: ${step.probe} on ${step.service}`),
    ),
    ...(runbook.params.length === 0
      ? []
      : [
          '*Parameters*',
          ...runbook.params.map(
            (param) =>
              `• \`${param.name}\` ${escapeMrkdwn(`${param.says}: ${expected(param)}`)}, e.g. \`${escapeCode(`${param.name}=${param.example}`)}\`${param.standard === null ? '' : ` (\`${escapeCode(param.standard)}\` unless given)`}`,
          ),
        ]),
    ...bullets('Steps', runbook.steps.map(sayStep)),
    ...bullets(
      'Recovery',
      runbook.recover.flatMap((option) => [
        `${option.title}${option.caution === null ? '' : ` (${option.caution})`}`,
        ...option.steps.map((step) => `    ${sayStep(step)}`),
      ]),
    ),
    ...bullets(
      'Check after',
      runbook.verify.map((step) => `${step.title ?? step.key}: ${step.probe} on ${step.service}`),
    ),
    ...bullets('Good to know', runbook.notes),
  ].join('\n');
}

export const runbook: Command = {
  name: 'runbook',
  usage: 'runbook ID',
  says: 'reads one',
  async run({ engine }, ask) {
    const all = engine.catalog.systems.flatMap((system) => system.runbooks);
    const [id] = ask.words;
    const found = all.find((candidate) => candidate.id === id);
    if (found !== undefined) return read(found);
    const close =
      id === undefined
        ? null
        : nearest(
            id,
            all.map((candidate) => candidate.id),
          );
    return `There is no runbook “${(id ?? '').slice(0, 80)}”.${close === null ? '' : ` Did you mean \`${close}\`?`} \`/ops runbooks\` lists them.`;
  },
};
