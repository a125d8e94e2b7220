/** What is right in every step and wrong in the whole: unverified destruction, twins among buttons, unused parameters. */
import { placesIn } from '../domain/params.ts';
import { resolveStep } from '../domain/resolve-step.ts';
import type { RecoverOption, Step } from '../domain/runbook.ts';
import type { Path } from './problem.ts';
import type { StepContext } from './read-step.ts';
import { optionFields, type RunbookFile } from './schemas.ts';

interface Read {
  readonly steps: readonly Step[];
  readonly recover: readonly RecoverOption[];
}

/** `read`: what was made of the file's lists; what is broken in them is missing there, and reported already. */
export function checkRecovery(fields: RunbookFile, { steps, recover }: Read, context: StepContext): void {
  checkTitles(recover, fields.recover, context);
  checkUsed(fields, context);
  const isReadAfter = fields.verify.length > 0 || fields.condition !== undefined;
  if (!isReadAfter) checkVerified(steps, fields.steps, ['steps'], context);
  for (const option of recover) {
    const path = ['recover', indexOf(fields.recover, option.key), option.key];
    if (option.propose && fields.condition === undefined) {
      const message = 'propose is true; expected a condition as well, which shows that the alert is right';
      context.file.fault([...path, 'propose'], message);
    }
    const written = fields.recover.find((item) => Object.keys(item)[0] === option.key)?.[option.key];
    const own = optionFields.safeParse(written);
    if (!isReadAfter && own.success) checkVerified(option.steps, own.data.steps, [...path, 'steps'], context);
  }
}

/** Two buttons of one label: nobody could tell them apart. */
function checkTitles(
  options: readonly RecoverOption[],
  written: RunbookFile['recover'],
  { file }: StepContext,
): void {
  const first = new Map<string, string>();
  for (const { key, title } of options) {
    const other = first.get(title.toLowerCase());
    if (other === undefined) first.set(title.toLowerCase(), key);
    else
      file.fault(
        ['recover', indexOf(written, key), key, 'title'],
        `the title "${title}" is that of the option ${other} too; expected one that tells the two buttons apart`,
      );
  }
}

/**
 * Each destructive action must be followed by something that reads what came of it: a probe later in its list, the
 * runbook's `verify`, or its `condition`.
 */
function checkVerified(
  steps: readonly Step[],
  written: readonly Readonly<Record<string, unknown>>[],
  path: Path,
  { kinds, system, services, file, samples = [{}] }: StepContext,
): void {
  // Some are broken, and reported.
  if (steps.length !== written.length) return;
  const last = steps.findLastIndex(({ type }) => type === 'probe');
  for (const [i, step] of steps.entries()) {
    if (step.type !== 'action' || last > i) continue;
    const resolved = samples.map((sample) => resolveStep(step, sample, { kinds, system, services }));
    if (resolved.every(({ danger }) => danger !== 'destructive')) continue;
    const inside = written[i] ?? {};
    const place = 'action' in inside ? [...path, i, 'action'] : [...path, i, step.key, 'action'];
    file.fault(
      place,
      `${step.action} is destructive, and nothing reads what came of it; expected a probe after it, verify: or condition:`,
    );
  }
}

/** A parameter that no step uses is asked for in vain. */
function checkUsed(fields: RunbookFile, { file }: StepContext): void {
  const used = placesIn(fields.steps);
  const names = Object.keys(fields.params);
  // A place that is misspelt is told where it stands; so is a runbook that has no steps.
  if (fields.steps.length === 0 || used.some((name) => !names.includes(name))) return;
  for (const name of names.filter((one) => !used.includes(one))) {
    file.fault(['params', name], `no step uses the parameter "${name}"; expected {${name}} in one of them`, {
      at: 'key',
    });
  }
}

/** Where an option stands in the file's list, in which broken ones stand too. */
const indexOf = (written: RunbookFile['recover'], key: string): number =>
  Math.max(
    0,
    written.findIndex((item) => Object.keys(item)[0] === key),
  );
