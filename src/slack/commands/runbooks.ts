/** `/ops runbooks [SYSTEM]` lists them; `/ops runbook ID` reads one. */
import { nearest } from '../../domain/nearest.ts';
import { expected, placesIn, sampleValues } from '../../domain/params.ts';
import type { Matcher, ProbeStep, Runbook, Step } from '../../domain/runbook.ts';
import { escapeCode, escapeMrkdwn } from '../../domain/text.ts';
import type { Engine } from '../../engine/core/engine.ts';
import { resolveIn } from '../../engine/core/resolve.ts';
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

/** As it will run: a step with places for parameters is shown as it is written, with the danger that it has. */
function sayStep(engine: Engine, { system, params }: Runbook, written: Step): string {
  const resolved = resolveIn(engine, system, written, sampleValues(params)[0]);
  const shown = placesIn(written).length === 0 ? resolved.step : written;
  const name = shown.title ?? shown.key;
  if ('task' in shown) return `A person: ${shown.title ?? shown.task}`;
  if ('action' in shown) {
    const danger = resolved.danger === 'safe' ? '' : ` (${resolved.danger})`;
    return `${name}: ${shown.action} on ${shown.service}${danger}`;
  }
  const wait = shown.withinMs > 0 ? `, until up, at most ${shown.withinMs / 1000} s` : '';
  return `${name}: ${shown.probe} on ${shown.service}${wait}`;
}

function read(engine: Engine, runbook: Runbook): string {
  const say = (step: Step): string => sayStep(engine, runbook, step);
  const sayProbe = (step: ProbeStep): string => say({ type: 'probe', ...step, withinMs: 0 });
  const bullets = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`*${title}*`, ...lines.map((line) => `• ${escapeMrkdwn(line)}`)];
  return [
    `*${escapeMrkdwn(runbook.title)}* \`${runbook.id}\``,
    ...bullets('Symptoms', runbook.symptoms),
    ...bullets('Impact', runbook.impact),
    ...(runbook.triggers.length === 0
      ? []
      : ['*Triggers*', ...runbook.triggers.map((all) => `• \`${escapeCode(all.map(matcher).join(', '))}\``)]),
    ...bullets('Diagnosis', runbook.diagnose.map(sayProbe)),
    ...(runbook.params.length === 0
      ? []
      : [
          '*Parameters*',
          ...runbook.params.map(
            (param) =>
              `• \`${param.name}\` ${escapeMrkdwn(`${param.says}: ${expected(param)}`)}, e.g. \`${escapeCode(`${param.name}=${param.example}`)}\`${param.standard === null ? '' : ` (\`${escapeCode(param.standard)}\` unless given)`}`,
          ),
        ]),
    ...bullets('Steps', runbook.steps.map(say)),
    ...bullets(
      'Recovery',
      runbook.recover.flatMap((option) => [
        `${option.title}${option.caution === null ? '' : ` (${option.caution})`}`,
        ...option.steps.map((step) => `    ${say(step)}`),
      ]),
    ),
    ...bullets('Check after', runbook.verify.map(sayProbe)),
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
    if (found !== undefined) return read(engine, found);
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
