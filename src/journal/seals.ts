/**
 * What a run is and each of its actions does, sealed with the audit log's key as it is written: who can change the rows,
 * but has no key, can neither make a run nor turn a step into another one. Chaining every run in the audit log would make
 * them wait for each other; a seal waits for nobody.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Danger } from '../domain/action.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { RunKind } from '../domain/lives.ts';
import type { ParamValues } from '../domain/params.ts';
import type { AuditKey } from './audit-chain.ts';

export interface SealedRun {
  readonly id: number;
  readonly incidentId: number | null;
  readonly kind: RunKind;
  readonly runbookId: string;
  readonly definitionHash: string;
  readonly askedBy: string;
  readonly optionKey: string | null;
  readonly afterRun: number | null;
  readonly params: ParamValues;
}

export interface SealedStep {
  readonly runId: number;
  readonly position: number;
  readonly type: string;
  readonly danger: Danger;
  readonly definition: object;
}

function seal(key: AuditKey, what: 'run' | 'step', content: object): string {
  // Through JSON, so that what is sealed is what PostgreSQL will give back.
  const text = canonicalJson(JSON.parse(JSON.stringify({ what, content })));
  return createHmac('sha256', key).update(text).digest('hex');
}

export function sealRun(key: AuditKey, run: SealedRun): string {
  const { id, incidentId, kind, runbookId, definitionHash, askedBy, optionKey, afterRun, params } = run;
  const content = { id, incidentId, kind, runbookId, definitionHash, askedBy, optionKey, afterRun, params };
  return seal(key, 'run', content);
}

export function sealStep(key: AuditKey, step: SealedStep): string {
  const { runId, position, type, danger, definition } = step;
  return seal(key, 'step', { runId, position, type, danger, definition });
}

export function isSealed(found: string | null, expected: string): boolean {
  if (found === null) return false;
  const [a, b] = [Buffer.from(found), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
