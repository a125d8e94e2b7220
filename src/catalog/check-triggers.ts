/** Triggers that no alert can reach: one that contradicts itself, and one that another runbook answers first. */
import { matches, sayLabel } from '../domain/matchers.ts';
import type { Matcher, Runbook } from '../domain/runbook.ts';
import { show } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

/** A runbook with the file it was read from; a system that extends another reads the same file again. */
export interface WrittenRunbook {
  readonly runbook: Runbook;
  readonly file: YamlFile;
}

/**
 * Reports triggers for another system, and triggers that are the same as those of a runbook that comes before: the
 * choice between equals falls on the id that comes first, so the other would never be chosen by them.
 */
export function checkTriggers(all: readonly WrittenRunbook[]): void {
  checkSystems(all);
  for (const system of new Set(all.map(({ runbook }) => runbook.system))) {
    // Several operations may name one alert: each is a button.
    const own = all.filter(({ runbook }) => runbook.system === system && runbook.steps.length === 0);
    const first = new Map<string, string>();
    for (const { runbook, file } of own) {
      const name = runbook.id.slice(system.length + 1);
      for (const [i, trigger] of runbook.triggers.entries()) {
        const text = canonical(trigger);
        const other = first.get(text);
        if (other === undefined) first.set(text, name);
        else file.fault(['triggers', i], overlap(trigger, name, other));
      }
    }
  }
}

function overlap(trigger: readonly Matcher[], name: string, other: string): string {
  if (name === other) return `this trigger is there twice; expected each once`;
  return (
    `${other} has the same trigger, and comes before ${name}: no alert would choose ${name} by it; ` +
    `expected one more matcher, or others${example(trigger)}`
  );
}

const example = (trigger: readonly Matcher[]): string =>
  trigger.some(({ label }) => label === 'severity') ? '' : ', such as severity="critical"';

/** A file that several systems read is fine as long as one of them can be meant. */
function checkSystems(all: readonly WrittenRunbook[]): void {
  for (const { file, runbook } of all) {
    const readers = all.filter((one) => one.file.name === file.name).map((one) => one.runbook.system);
    for (const [i, trigger] of runbook.triggers.entries()) {
      const stranger = trigger.find(
        (matcher) => matcher.label === 'system' && readers.every((system) => !matches(matcher, { system })),
      );
      if (stranger === undefined) continue;
      const { label, op, value } = stranger;
      const expected = readers.map((system) => `system="${system}"`).join(' or ');
      const message = `${label}${op}${show(value)} is never this folder's system; expected ${expected}, or no matcher of it`;
      file.fault(['triggers', i], message);
    }
  }
}

/**
 * The first two matchers of one label that can't both hold: `a="x", a="y"`. Only equality decides; of two patterns
 * nothing is said.
 */
export function contradiction(matchers: readonly Matcher[]): readonly [Matcher, Matcher] | null {
  for (const exact of matchers) {
    if (exact.op !== '=') continue;
    const other = matchers.find(
      (one) => one.label === exact.label && one !== exact && !matches(one, { [exact.label]: exact.value }),
    );
    if (other !== undefined) return [exact, other];
  }
  return null;
}

export const sayMatcher = ({ label, op, value }: Matcher): string => `${sayLabel(label)}${op}${show(value)}`;

/** The same for every order and spelling of the same matchers. */
const canonical = (trigger: readonly Matcher[]): string =>
  [...new Set(trigger.map(sayExactly))].sort().join(', ');

const sayExactly = ({ label, op, value }: Matcher): string => JSON.stringify([label, op, value]);
