/** Whether the instrument saw everything: its lines beside what the servers themselves counted in the same story. */

import { isWrite } from './labels.ts';
import type { DryPass } from './run-point.ts';

export interface Comparison {
  readonly what: string;
  readonly instrument: number;
  readonly server: number;
}

const STATEMENT = /^\w+\|LOG: {2}(?:statement|execute [^:]*): (.*)$/u;
/** What the harness itself asks the target, or the server counts under another name. */
const NOT_THE_BOTS = /^(hello|auth|client|config\|resetstat|config\|set)$/u;

export function compareCalls(dry: DryPass): readonly Comparison[] {
  const labels = dry.lines.map((line) => line.slice(2));
  const logged = dry.statements
    .map((line) => STATEMENT.exec(line)?.[1] ?? '')
    .filter((text) => isWrite(text));
  const of = (prefix: string): readonly string[] => labels.filter((label) => label.startsWith(prefix));
  const isCommit = (text: string): boolean => /^commit\b/iu.test(text);
  return [
    {
      what: 'journal writes: PostgreSQL’s own statement log',
      instrument: of('sql ').filter((label) => !label.startsWith('sql commit ')).length,
      server: logged.filter((text) => !isCommit(text)).length,
    },
    {
      what: 'commits: PostgreSQL’s own statement log',
      instrument: of('sql commit ').length,
      server: logged.filter(isCommit).length,
    },
    {
      what: 'calls to Slack: what the workspace was asked',
      instrument: of('slack ').length,
      server: dry.slackCalls,
    },
    {
      what: 'commands to the target: its own statistics',
      instrument: of('target ').length,
      server: targetCalls(dry.targetCalls) - dry.harnessTargetCalls,
    },
    {
      what: 'FLUSHDB: the target’s own statistics',
      instrument: of('target flushdb').length,
      server: dry.flushes,
    },
  ];
}

function targetCalls(stats: string): number {
  let all = 0;
  for (const [, name = '', calls] of stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/gu))
    if (!NOT_THE_BOTS.test(name)) all += Number(calls);
  return all;
}
