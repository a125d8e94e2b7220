/** What a call is named: by what it does, never by ids or times, so that the same story gives the same names again. */

const squeeze = (text: string): string => text.replace(/\s+/gu, ' ').trim();
const SHOWN = 90;

/** Anything but a pure select; `begin` and `rollback` change nothing by themselves. */
export function isWrite(text: string): boolean {
  const words = squeeze(text).toLowerCase();
  if (words === '' || /^(begin|rollback|set|show)\b/u.test(words)) return false;
  return !/^select\b/u.test(words) || /\b(?:nextval|take_new_alerts|open_incidents)\(/u.test(words);
}

export function transactionWord(text: string): 'begin' | 'commit' | null {
  const words = squeeze(text).toLowerCase();
  return words === 'begin' || words === 'commit' ? words : null;
}

/** A commit is named for the first write of its transaction. */
export function statementLabel(text: string, firstWrite: string): string {
  if (transactionWord(text) === 'commit') return `sql commit after: ${firstWrite.replace(/^sql /u, '')}`;
  return `sql ${squeeze(text).slice(0, SHOWN)}`;
}

/**
 * Done again every second or at every change whether there is anything to do or not: the reconciler's looks, the
 * projector's lease, a worker asking for a job. How often depends on the clock, so only the first of each is a point.
 */
const PERIODIC: readonly RegExp[] = [
  /^sql insert into channels /u,
  /^sql update steps set state = 'pending'/u,
  /^sql update steps set wake = wake \+ 1/u,
  /^sql update health_parts set wake/u,
  /^sql update steps set lease_until/u,
  /^sql update (health_turns|homes|lookups|pictures|silences|chores) /u,
  /^sql with p as \(update pictures /u,
  /^sql insert into chores /u,
  /^sql with kept as \(delete from unwanted_posts/u,
  /^sql update messages set shown = \$2, tries = 0/u,
  /^sql update messages set try_at = now\(\)/u,
  /^sql commit after: (nothing|update steps set lease_until)/u,
  /^queue moveToActive/u,
  /^slack conversations\.list/u,
  /^slack auth\.test/u,
];
/** A process that is stopped gives its channels back; one that is killed never comes there. */
const AT_A_STOP = /^sql update channels set lease_until = null/u;

/** Whether the n-th call of this name is a point. */
export const isPoint = (label: string, n: number): boolean =>
  !AT_A_STOP.test(label) && (n === 1 || !PERIODIC.some((pattern) => pattern.test(label)));

const QUEUE_SCRIPTS: ReadonlySet<string> = new Set(['addStandardJob', 'moveToActive', 'moveToFinished']);

/** Null: not on a job's way (waiting for one, keeping its lock, looking for stalled ones). */
export function queueLabel(command: string, script: string | null): string | null {
  if (command !== 'evalsha' && command !== 'eval') return null;
  return script !== null && QUEUE_SCRIPTS.has(script) ? `queue ${script}` : null;
}

const HANDSHAKE: ReadonlySet<string> = new Set(['hello', 'auth', 'client']);
const NAMED_BY_ARGUMENT: ReadonlySet<string> = new Set(['info', 'config', 'memory', 'select']);

export function targetLabel(command: string, args: readonly unknown[]): string | null {
  if (HANDSHAKE.has(command)) return null;
  const more = NAMED_BY_ARGUMENT.has(command) && args.length > 0 ? ` ${String(args[0])}` : '';
  return `target ${command}${more}`;
}

export function callLabel(method: string, path: string): string {
  const [plain = ''] = path.split('?');
  const api = /\/api\/([a-z]+\.[A-Za-z.]+)$/u.exec(plain)?.[1];
  if (api !== undefined) return `slack ${api}`;
  if (plain.includes('/response/')) return 'slack response_url';
  return `http ${method} ${plain}`;
}
