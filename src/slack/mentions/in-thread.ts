/** What people write in an incident's thread, where no command can be typed: the thread says which incident is meant. */
import { incidentId } from '../../domain/ids.ts';

/** The incident of the thread, as far as it has them. */
export interface ThreadOf {
  readonly id: number;
  readonly system: string | null;
  readonly service: string | null;
}

export type Meant =
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'change'; readonly change: 'acknowledge' | 'resolve' | 'reopen' | 'rerun' }
  | { readonly kind: 'escalate' };

const CHANGES: Readonly<Record<string, 'acknowledge' | 'resolve' | 'reopen' | 'rerun'>> = {
  ack: 'acknowledge',
  acknowledge: 'acknowledge',
  resolve: 'resolve',
  reopen: 'reopen',
  rerun: 'rerun',
  're-run': 'rerun',
};
/** Commands that speak of a system when nothing is named. */
const OF_SYSTEM: ReadonlySet<string> = new Set([
  'env',
  'health',
  'links',
  'ps',
  'runbooks',
  'slo',
  'stats',
  'targets',
]);
/** Commands that speak of an incident when nothing is named. */
const OF_INCIDENT: ReadonlySet<string> = new Set(['audit', 'report', 'thread']);
const DURATION = /^\d+(s|m|h|d)$/u;

/** `thread`: null where the words don't stand in an incident's thread; they are a command then, like any. */
export function meantBy(text: string, thread: ThreadOf | null): Meant {
  const [first = 'help', ...rest] = text.split(/\s+/u).filter((word) => word !== '');
  const name = first.toLowerCase();
  const said = text.trim().slice(first.length).trim();
  if (thread === null) return { kind: 'command', text };
  if (name === 'note') return { kind: 'note', text: said };
  if (name === 'escalate') return { kind: 'escalate' };
  const change = CHANGES[name];
  if (change !== undefined && rest.length === 0) return { kind: 'change', change };
  return { kind: 'command', text: withThread(name, text, said, rest, thread) };
}

function withThread(
  name: string,
  text: string,
  said: string,
  rest: readonly string[],
  { id, system, service }: ThreadOf,
): string {
  const [word = ''] = rest;
  const place = [system, service].filter((part) => part !== null).join(' ');
  if (OF_INCIDENT.has(name) && rest.length === 0) return `${name} ${incidentId(id)}`;
  if (name === 'silence' && DURATION.test(word)) return `silence ${incidentId(id)} ${said}`;
  if (name === 'run' && word !== '' && !/\bINC-\d+\b/iu.test(said)) return `run ${said} ${incidentId(id)}`;
  if (system === null) return text;
  if (OF_SYSTEM.has(name) && rest.length === 0) return `${name} ${name === 'health' ? place : system}`;
  if (name === 'logs' && (rest.length === 0 || /^(\d+|follow)$/iu.test(word)))
    return `logs ${place} ${said}`.trim();
  return text;
}
