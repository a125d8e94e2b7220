/** Lists of steps and options: each item is a map with one key, its name (`- memory: { probe: … }`). */
import type { RecoverOption, Step } from '../domain/runbook.ts';
import { check } from './check.ts';
import { type Path, show } from './problem.ts';
import { readProbeStep, readStep, type StepContext } from './read-step.ts';
import { NAME, nameRule } from './schema-parts.ts';
import { optionFields } from './schemas.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Item {
  readonly key: string;
  readonly value: Fields;
  readonly path: Path;
}

/** A step may go without a name: then its kind's is its name, with a number from the second on. */
function items(
  list: readonly Fields[],
  path: Path,
  context: StepContext,
  what: 'step' | 'option',
): readonly Item[] {
  const taken = new Set<string>();
  const free = (key: string): string => {
    let candidate = key;
    for (let n = 2; taken.has(candidate); n += 1) candidate = `${key}-${n}`;
    return candidate;
  };
  return list.flatMap((item, index) => {
    const here = [...path, index];
    const kind = item.probe ?? item.action ?? ('task' in item ? 'task' : undefined);
    if (what === 'step' && typeof kind === 'string') {
      const key = free(kind);
      taken.add(key);
      return [{ key, value: item, path: here }];
    }
    const [key, ...more] = Object.keys(item);
    if (key === undefined || more.length > 0) {
      const found = key === undefined ? 'an empty map' : `the keys ${[key, ...more].join(', ')}`;
      const unnamed = what === 'step' ? ', or a map with probe, action or task' : '';
      context.file.fault(
        here,
        `found ${found}; expected one key, the name of the ${what}, with a map${unnamed}`,
      );
      return [];
    }
    const value = item[key];
    if (!NAME.test(key)) {
      context.file.fault([...here, key], `the name "${key}"; expected ${nameRule}`, { at: 'key' });
      return [];
    }
    if (taken.has(key)) {
      context.file.fault([...here, key], `the name "${key}" is there twice; expected each once in a list`, {
        at: 'key',
      });
      return [];
    }
    taken.add(key);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      context.file.fault([...here, key], `${key} is ${show(value)}; expected a map`);
      return [];
    }
    return [{ key, value: { ...value }, path: [...here, key] }];
  });
}

export function readProbeSteps(list: readonly Fields[], path: Path, context: StepContext) {
  return items(list, path, context, 'step').flatMap(({ key, value, path: here }) => {
    if ('action' in value || 'task' in value) {
      context.file.fault(
        [...here, 'action' in value ? 'action' : 'task'],
        `${'action' in value ? 'an action' : 'a task'} in ${String(path[0])}; expected a probe, which only reads`,
        { at: 'key' },
      );
      return [];
    }
    const step = readProbeStep(value, here, key, context);
    return step === null ? [] : [step];
  });
}

export function readSteps(list: readonly Fields[], path: Path, context: StepContext): readonly Step[] {
  const before: string[] = [];
  return items(list, path, context, 'step').flatMap(({ key, value, path: here }) => {
    const step = readStep(value, here, key, context);
    if (step?.type === 'action' && step.resumes !== undefined && !before.includes(step.resumes)) {
      const known = before.length === 0 ? 'there is none' : `expected one of ${before.join(', ')}`;
      context.file.fault(
        [...here, 'resumes'],
        `no action or task before it is named "${step.resumes}"; ${known}`,
      );
    }
    // What only reads leaves nothing to take back.
    if (step?.type !== 'probe') before.push(key);
    return step === null ? [] : [step];
  });
}

export function readOptions(
  list: readonly Fields[],
  path: Path,
  context: StepContext,
): readonly RecoverOption[] {
  return items(list, path, context, 'option').flatMap(({ key, value, path: here }) => {
    const fields = check(optionFields, value, context.file, here);
    if (fields === null) return [];
    const { title, propose, caution = null } = fields;
    return [{ key, title, propose, caution, steps: readSteps(fields.steps, [...here, 'steps'], context) }];
  });
}
