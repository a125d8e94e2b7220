/** Further checks of a service: probe steps whose service is, unless said otherwise, the one they are written under. */
import type { ServiceCheck, ServiceEntry } from '../domain/runbook.ts';
import { show } from './problem.ts';
import { fillAll, type ServiceContext } from './read-service.ts';
import { readProbeSteps } from './read-steps.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Written {
  readonly step: Fields;
  readonly deep: boolean;
  readonly line: boolean;
}

/** The service, with its checks. */
export function readChecks(
  entry: ServiceEntry,
  list: readonly Fields[],
  services: readonly ServiceEntry[],
  context: ServiceContext,
): ServiceEntry {
  if (list.length === 0) return entry;
  const { file, kinds, common } = context;
  const path = ['services', entry.name, 'checks'];
  const written: Written[] = [];
  for (const [i, item] of list.entries()) {
    const filled = fillAll(item, [...path, i], context);
    // Reported by now; without it the others would have the places of those before them.
    if (filled === null) return entry;
    const { step, deep, line } = forService(filled, entry.name);
    if (typeof deep !== 'boolean' || typeof line !== 'boolean') {
      const [name, value] = typeof deep === 'boolean' ? ['line', line] : ['deep', deep];
      file.fault([...path, i], `${name} is ${show(value)}; expected true or false`);
      return entry;
    }
    written.push({ step, deep, line });
  }
  const steps = readProbeSteps(
    written.map(({ step }) => step),
    path,
    { file, kinds, system: common.system, services },
  );
  if (steps.length < written.length) return entry;
  const checks = steps.map((step, i): ServiceCheck => {
    const { deep = false, line = false } = written[i] ?? {};
    return { ...step, deep, ...(line ? { line } : {}) };
  });
  return { ...entry, checks };
}

interface ForService {
  readonly step: Fields;
  readonly deep: unknown;
  readonly line: unknown;
}

/** Of `{ probe: … }`, or `name: { probe: … }`: the step with its service, and what is the check's own. */
function forService(item: Fields, service: string): ForService {
  if ('probe' in item || 'action' in item) {
    const { deep = false, line = false, ...rest } = item;
    return { step: { service, ...rest }, deep, line };
  }
  const [key, ...more] = Object.keys(item);
  const inner = key === undefined || more.length > 0 ? null : item[key];
  if (key === undefined || typeof inner !== 'object' || inner === null || Array.isArray(inner))
    return { step: item, deep: false, line: false };
  const { deep = false, line = false, ...rest }: Fields = { ...inner };
  return { step: { [key]: { service, ...rest } }, deep, line };
}
