/** `pageturner health [SYSTEM [SERVICE]] [--json]`: the same probes as `/ops health`, without a database. */
import type { Env } from '../config.ts';
import { STRIP_SAYS, sayAvailability, sayFor, uptimeStrip } from '../domain/health-history.ts';
import { nearest } from '../domain/nearest.ts';
import type { ProbeResult } from '../domain/probe.ts';
import { createRedact } from '../domain/redact.ts';
import type { System } from '../domain/runbook.ts';
import { healthServices } from '../engine/checks/ask-health.ts';
import { askMore } from '../engine/checks/ask-more.ts';
import { probeServices } from '../engine/checks/run-health.ts';
import type { HealthMore } from '../journal/health.ts';
import { probeKinds } from '../probes/index.ts';
import { readArguments } from './commands.ts';
import { moreLines } from './health-more.ts';
import { type Past, readPast } from './health-past.ts';
import { loadForTerminal } from './load.ts';

interface Line {
  readonly service: string;
  readonly state: ProbeResult['state'];
  readonly latencyMs: number | null;
  readonly reason: string | null;
}
interface Report {
  readonly system: string;
  readonly at: string;
  readonly services: readonly Line[];
}

function wrongName(what: string, given: string, names: readonly string[]): number {
  const close = nearest(given, names);
  process.stderr.write(
    `pageturner: there is no ${what} "${given}".${close === null ? '' : ` Did you mean ${close}?`} There are: ${names.join(', ')}\n`,
  );
  return 2;
}

/** 0: nothing is down; 1: something is; 2: wrong usage. */
export async function health(args: readonly string[], env: Env): Promise<number> {
  const read = readArguments('health', args);
  if (read === null) return 2;
  const [systemName, serviceName] = read.positionals;
  const catalog = await loadForTerminal(env);
  const names = catalog.systems.map((system) => system.name);
  if (systemName !== undefined && !names.includes(systemName)) return wrongName('system', systemName, names);
  const systems = catalog.systems.filter((system) => systemName === undefined || system.name === systemName);
  const [first] = systems;
  if (serviceName !== undefined && first !== undefined) {
    const services = healthServices(first, null).map((entry) => entry.name);
    if (!services.includes(serviceName)) return wrongName(`service of ${first.name}`, serviceName, services);
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const links = { prometheus: prometheusUrl(env) };
  const redact = createRedact(catalog.secrets);
  const engine = { catalog, probeKinds, redact, signal: stop.signal, settings: { links } };
  const isJson = read.values.json;
  const [reports, shown] = await Promise.all([
    Promise.all(systems.map((system) => probe(engine, system, serviceName ?? null))),
    // What stands beside the states is for people, and for one system.
    isJson || systemName === undefined || first === undefined
      ? { past: null, more: {} }
      : readBeside(engine, env, first, serviceName ?? null),
  ]);
  if (isJson) {
    process.stdout.write(`${JSON.stringify(systemName === undefined ? reports : reports[0], null, 2)}\n`);
  } else {
    for (const report of reports) process.stdout.write(table(report, shown.past));
    for (const line of moreLines(shown.more, serviceName ?? null)) process.stdout.write(`  ${line}\n`);
    for (const line of historyLines(shown.past)) process.stdout.write(`  ${line}\n`);
  }
  return reports.some((report) => report.services.some((line) => line.state === 'down')) ? 1 : 0;
}

async function probe(
  engine: Parameters<typeof probeServices>[0],
  system: System,
  service: string | null,
): Promise<Report> {
  const services = healthServices(system, service);
  const results = new Map<string, ProbeResult>();
  await probeServices(engine, system, services, (name, result) => results.set(name, result));
  return {
    system: system.name,
    at: new Date().toISOString(),
    services: services.map(({ name }) => {
      const result = results.get(name);
      return {
        service: name,
        state: result?.state ?? 'unknown',
        latencyMs:
          result === undefined || result.latencyMs === null ? null : Math.round(result.latencyMs * 10) / 10,
        reason: result?.reason ?? null,
      };
    }),
  };
}

interface Beside {
  readonly past: Past | null;
  readonly more: HealthMore;
}

async function readBeside(
  engine: Parameters<typeof askMore>[0],
  env: Env,
  system: System,
  service: string | null,
): Promise<Beside> {
  const entry = service === null ? null : (healthServices(system, service)[0] ?? null);
  const [past, more] = await Promise.all([
    readPast(env, system.name, service),
    askMore(engine, system, entry),
  ]);
  return { past, more };
}

/** Null as well where it is no address: who only asks for health needs no configuration. */
function prometheusUrl(env: Env): string | null {
  const url = env.PROMETHEUS_URL ?? '';
  return URL.canParse(url) ? url : null;
}

function table(report: Report, past: Past | null): string {
  const width = Math.max(...report.services.map((line) => line.service.length));
  const lines = report.services.map((line) => {
    const latency = line.latencyMs === null ? '' : `${Math.round(line.latencyMs)} ms`;
    const more = [line.reason, sinceOf(line, past, report)].filter((text) => text !== null).join(' · ');
    return `  ${line.service.padEnd(width)}  ${line.state.padEnd(8)}  ${latency.padStart(8)}  ${more}`.trimEnd();
  });
  return `${report.system}\n${lines.join('\n')}\n`;
}

function sinceOf(line: Line, past: Past | null, report: Report): string | null {
  const known = past?.states.find(({ service }) => service === line.service);
  if (known === undefined || known.state !== line.state) return null;
  if (line.state === 'up' && report.services.length > 1) return null;
  const length = sayFor(known.since, new Date(report.at));
  const since = known.since.toISOString().slice(0, 16).replace('T', ' ');
  return length === null ? null : `since ${since} UTC (${length})`;
}

function historyLines(past: Past | null): readonly string[] {
  const history = past?.history ?? null;
  const available = history === null ? null : sayAvailability(history, new Date());
  if (history === null || available === null) return [];
  return [`last 24 hours: ${available}`, uptimeStrip(history.hours), STRIP_SAYS];
}
