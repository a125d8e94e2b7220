/** alerts.yaml: what alerts are about, where their threads open, how bad they are. */
import { DEFAULT_ALERT_RULES, SEVERITIES } from '../domain/alert-rules.ts';
import { parseMatchers } from '../domain/matchers.ts';
import { didYouMean } from '../domain/nearest.ts';
import type { AlertRoute, AlertRules, AlertTarget, Matcher, Severity, System } from '../domain/runbook.ts';
import { type AlertsFields, alertsFile } from './alerts-schema.ts';
import { check } from './check.ts';
import { contradiction, sayMatcher } from './check-triggers.ts';
import { interpolate } from './interpolate.ts';
import { type Path, show } from './problem.ts';
import type { Variables } from './variables.ts';
import type { YamlFile } from './yaml-file.ts';

export interface AlertsContext {
  readonly variables: Variables;
  readonly systems: readonly Pick<System, 'name' | 'services'>[];
}

export function readAlertRules(file: YamlFile, context: AlertsContext): AlertRules {
  const fields = check(alertsFile, file.data, file, []);
  if (fields === null) return DEFAULT_ALERT_RULES;
  const targets = fields.targets.flatMap(
    (target, i) => readTarget(target, ['targets', i], file, context) ?? [],
  );
  const routes = fields.routes.flatMap((route, i) => readRoute(route, ['routes', i], file, context) ?? []);
  checkReached(fields.targets, 'targets', file);
  checkReached(fields.routes, 'routes', file);
  return {
    targets,
    routes,
    severities: readSeverities(fields.severities, file),
    by: fields.incidents?.by ?? DEFAULT_ALERT_RULES.by,
  };
}

function readMatch(texts: readonly string[], path: Path, file: YamlFile): readonly Matcher[] | null {
  const read = texts.map((text, i): readonly Matcher[] | null => {
    const parsed = parseMatchers(text);
    if ('matchers' in parsed) return parsed.matchers;
    file.fault([...path, i], `the matcher is not valid at character ${parsed.at + 1}: ${parsed.error}`);
    return null;
  });
  if (read.includes(null)) return null;
  const matchers = read.flatMap((some) => some ?? []);
  const clash = contradiction(matchers);
  if (clash === null) return matchers;
  const [a, b] = clash.map(sayMatcher);
  file.fault(path, `this matches no alert: ${a} and ${b} can't both be; expected one of them`);
  return null;
}

const isTemplate = (text: string): boolean => text.includes('{');

function readTarget(
  fields: AlertsFields['targets'][number],
  path: Path,
  file: YamlFile,
  { systems }: AlertsContext,
): AlertTarget | null {
  const { system, service } = fields;
  if (system === undefined && service === undefined) {
    file.fault(path, 'the target says nothing; expected a system, a service, or both');
    return null;
  }
  const match = readMatch(fields.match, [...path, 'match'], file);
  const names = systems.map(({ name }) => name);
  if (system !== undefined && !isTemplate(system) && !names.includes(system)) {
    const expected = `expected one of ${names.join(', ')}${didYouMean(system, names)}`;
    file.fault([...path, 'system'], `there is no system "${system}"; ${expected}`);
    return null;
  }
  const own = systems.find(({ name }) => name === system)?.services.map(({ name }) => name);
  if (own !== undefined && service !== undefined && !isTemplate(service) && !own.includes(service)) {
    const expected = `expected one of ${own.join(', ')}${didYouMean(service, own)}`;
    file.fault([...path, 'service'], `${system} has no service "${service}"; ${expected}`);
    return null;
  }
  return match === null ? null : { match, system: system ?? null, service: service ?? null };
}

function readRoute(
  fields: AlertsFields['routes'][number],
  path: Path,
  file: YamlFile,
  { variables }: AlertsContext,
): AlertRoute | null {
  const { channel, ignore } = fields;
  if ((channel === undefined) === (ignore === undefined)) {
    file.fault(path, 'a route has either a channel or ignore: true; expected one of the two');
    return null;
  }
  const match = readMatch(fields.match, [...path, 'match'], file);
  const named = channel === undefined ? null : readChannel(channel, variables);
  // A channel that waits for a variable is none: its alerts go where they would without the route.
  if (match === null || (channel !== undefined && named === null)) return null;
  return { match, channel: named };
}

/** Null: it waits for a variable that is not set. */
export function readChannel(template: string, variables: Variables): string | null {
  const { text, missing } = interpolate(template, variables);
  return missing.length > 0 || text.trim() === '' ? null : text.trim();
}

function readSeverities(fields: AlertsFields['severities'], file: YamlFile): AlertRules['severities'] {
  const seen = new Map<string, Severity>();
  for (const severity of SEVERITIES) {
    for (const [i, word] of (fields[severity] ?? []).entries()) {
      const other = seen.get(word.toLowerCase());
      if (other !== undefined)
        file.fault(
          ['severities', severity, i],
          `${show(word)} is listed under ${other} too; expected it once`,
        );
      seen.set(word.toLowerCase(), severity);
    }
  }
  // What isn't said stays as it is, but for words that the file puts elsewhere.
  const wordsOf = (severity: Severity): readonly string[] => {
    const standard = fields[severity] === undefined ? DEFAULT_ALERT_RULES.severities[severity] : [severity];
    const kept = standard.filter((word) => (seen.get(word) ?? severity) === severity);
    const own = (fields[severity] ?? []).map((word) => word.toLowerCase());
    return [...new Set([...own, ...kept])];
  };
  return { critical: wordsOf('critical'), warning: wordsOf('warning'), info: wordsOf('info') };
}

/** An entry with the matchers of one before it is never reached. */
function checkReached(
  entries: readonly { readonly match: readonly string[] }[],
  list: 'targets' | 'routes',
  file: YamlFile,
): void {
  const first = new Map<string, number>();
  for (const [i, { match }] of entries.entries()) {
    const text = [...match].sort().join('\n');
    const other = first.get(text);
    if (other === undefined) first.set(text, i);
    else
      file.fault(
        [list, i, 'match'],
        `entry ${other + 1} has the same matchers and comes before; expected other matchers, as the first that matches decides`,
      );
  }
}
