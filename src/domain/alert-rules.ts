/** What alerts.yaml means: what an alert is about, where its thread opens, how bad it is, and what is one incident. */
import { type Labels, matches } from './matchers.ts';
import type { AlertRoute, AlertRules, Catalog, Matcher, Severity } from './runbook.ts';

/** From the worst to the least. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const satisfies readonly Severity[];

export const DEFAULT_ALERT_RULES: AlertRules = {
  targets: [],
  routes: [],
  severities: {
    critical: ['critical', 'page', 'p1', 'disaster'],
    warning: ['warning', 'error', 'high', 'p2'],
    info: ['info', 'none', 'p3'],
  },
  by: ['alertname', 'system', 'service'],
};

export const alertRulesOf = (catalog: Pick<Catalog, 'alerts'>): AlertRules =>
  catalog.alerts ?? DEFAULT_ALERT_RULES;

/** In any case. A word that nobody listed, or none, is as a warning. */
export function severityOf(rules: AlertRules, word: string | undefined): Severity {
  const lower = (word ?? '').toLowerCase();
  return SEVERITIES.find((severity) => rules.severities[severity].includes(lower)) ?? 'warning';
}

/** 0 is the worst. */
export const rankOf = (rules: AlertRules, word: string | undefined): number =>
  SEVERITIES.indexOf(severityOf(rules, word));

/** What an alert is about; null: nothing says. */
export interface Target {
  readonly system: string | null;
  readonly service: string | null;
}

/** Its own label `system` decides; without one the first target that matches does, for the service too. */
export function targetOf(rules: AlertRules, labels: Labels): Target {
  const own = { system: labels.system || null, service: labels.service || null };
  if (own.system !== null && own.service !== null) return own;
  const target = rules.targets.find(({ match }) => match.every((matcher) => matches(matcher, labels)));
  if (target === undefined) return own;
  const system = fillLabels(target.system, labels);
  const service = fillLabels(target.service, labels);
  if (own.system === null) return system === null ? own : { system, service: service ?? own.service };
  return { system: own.system, service: system === null || system === own.system ? service : null };
}

/** Its labels, with what it is about. */
export function labelsWith(labels: Labels, { system, service }: Target): Labels {
  return {
    ...labels,
    ...(system === null ? {} : { system }),
    ...(service === null ? {} : { service }),
  };
}

/** Null where a label isn't there. */
function fillLabels(template: string | null, labels: Labels): string | null {
  if (template === null) return null;
  let isWhole = true;
  const text = template.replace(/\{([^{}]+)\}/gu, (_, name: string) => {
    const value = Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
    if (value === '') isWhole = false;
    return value;
  });
  return isWhole && text !== '' ? text : null;
}

/** The first route that matches. `labels`: with what the alert is about. */
export const routeOf = (rules: AlertRules, labels: Labels): AlertRoute | null =>
  rules.routes.find(({ match }) => match.every((matcher) => matchesRoute(rules, matcher, labels))) ?? null;

/** A severity is meant by its own word or by what that word means: `critical` is `page` too, and `!="critical"` is not. */
function matchesRoute(rules: AlertRules, matcher: Matcher, labels: Labels): boolean {
  if (matcher.label !== 'severity') return matches(matcher, labels);
  const meant = { ...labels, severity: severityOf(rules, labels.severity) };
  const both = [matches(matcher, labels), matches(matcher, meant)];
  return matcher.op === '!=' || matcher.op === '!~' ? both.every(Boolean) : both.some(Boolean);
}
