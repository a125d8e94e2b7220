/**
 * What a worker is about to rely on, held against what only the bot can have written: the seals of the run and the step,
 * the runbook by its hash, the request and each decision by the audit log. A row alone is never a permission.
 */
import { createHash } from 'node:crypto';
import { planDigest } from '../../domain/plan-digest.ts';
import { type ProvenEntry, provenEntries } from '../../journal/audit-chain.ts';
import type { Tx } from '../../journal/open-journal.ts';
import type { Decision, RequestRow } from '../../journal/requests.ts';
import { type RunRow, readDefinition } from '../../journal/runs.ts';
import { isSealed, sealStep } from '../../journal/seals.ts';
import type { ActionStepRow } from '../../journal/steps.ts';
import { hashOfDefinition } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { OLDER, provingKeys, whyRunUnproven } from '../core/tampered.ts';

/** What is wrong with a step; null: the bot wrote it, in a run that it began, of a runbook that nobody has changed. */
export async function whyStepUnproven(
  engine: Engine,
  tx: Tx,
  run: RunRow,
  step: ActionStepRow,
): Promise<string | null> {
  const ofRun = whyRunUnproven(engine, run);
  if (ofRun !== null) return ofRun;
  if (step.seal === null) return `the step has no seal${OLDER}`;
  if (!provingKeys(engine).some((key) => isSealed(step.seal, sealStep(key, step))))
    return 'the step is not as the bot wrote it';
  const body = await readDefinition(tx, run.definitionHash);
  if (hashOfDefinition(body) !== run.definitionHash) return 'its runbook is not as it was kept';
  return null;
}

const ASKED = 'request.asked';
const DECIDED = 'request.decided';
/** After one of these a request is over, whatever its row says. */
const OVER = ['request.expired', 'execution.claimed'] as const;

/** A clock's and a transaction's difference, in milliseconds, between an entry and the row beside it. */
const SLACK_MS = 5000;

/** As its button carries it: a token that was given to another request decides nothing. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** What is wrong with a request or its decisions; null: all of it stands in the audit log. */
export async function whyRequestUnproven(
  engine: Engine,
  tx: Tx,
  run: RunRow,
  request: RequestRow,
): Promise<string | null> {
  const subject = `STEP-${request.stepId}`;
  const { entries, forged } = await provenEntries(tx, provingKeys(engine), subject, [
    ASKED,
    DECIDED,
    ...OVER,
  ]);
  if (forged !== null) return `entry ${forged} of the audit log was not written by the bot`;
  const [asked, ...more] = entries.filter(({ kind }) => kind === ASKED);
  if (asked === undefined || more.length > 0) return 'nobody asked for it in the audit log';
  const over = entries.find(({ kind }) => OVER.some((one) => one === kind));
  if (over !== undefined) return `it was over: the audit log says ${over.kind}`;
  const decided = entries.filter(({ kind }) => kind === DECIDED);
  return (
    whyNotAsked(run, request, asked) ??
    whyNotDecided(request, decided) ??
    (request.state === 'approved' ? whyNotApproved(request, decided) : null)
  );
}

/** Whether its plan is the one that was shown, whatever became of it since. */
export async function wasPlanned(engine: Engine, tx: Tx, request: RequestRow): Promise<boolean> {
  const subject = `STEP-${request.stepId}`;
  const { entries, forged } = await provenEntries(tx, provingKeys(engine), subject, [ASKED]);
  const digest = planDigest(request.plan);
  return forged === null && entries.some(({ payload }) => payload.digest === digest);
}

function whyNotAsked(run: RunRow, request: RequestRow, { actor, at, payload }: ProvenEntry): string | null {
  const { plan } = request;
  const same =
    payload.request === request.id &&
    payload.run === run.id &&
    payload.origin === request.origin &&
    payload.token === hashOfToken(request.token) &&
    actor === request.askedBy;
  if (!same) return 'the request is not the one that was asked for';
  if (payload.digest !== request.digest || planDigest(plan) !== request.digest)
    return 'the plan is not the one that was shown';
  if (request.danger !== plan.danger || request.quorum !== plan.quorum)
    return 'its danger or the number of approvals is not that of the plan';
  return isLater(request.decideBy, at, payload.expiresMs) ? 'it was given more time than it had' : null;
}

function whyNotDecided(request: RequestRow, decided: readonly ProvenEntry[]): string | null {
  const proves = (row: Decision) => (entry: ProvenEntry) =>
    entry.actor === row.person &&
    entry.payload.request === request.id &&
    entry.payload.verdict === row.verdict &&
    entry.payload.authority === row.authority &&
    entry.payload.digest === row.digest &&
    row.digest === request.digest;
  if (decided.some(({ payload }) => payload.verdict === 'deny')) return 'it was denied';
  const forged = request.decisions.find((row) => !decided.some(proves(row)));
  if (forged !== undefined) return `the audit log knows no such decision by ${forged.person}`;
  return decided.length === request.decisions.length ? null : 'a decision that was taken is missing';
}

/** Enough people, none of whom asked for something destructive, and within the time from the last of them. */
function whyNotApproved(request: RequestRow, decided: readonly ProvenEntry[]): string | null {
  const others = decided.filter(({ actor }) => request.danger !== 'destructive' || actor !== request.askedBy);
  const people = new Set(others.map(({ actor }) => actor));
  const last = decided.at(-1);
  if (people.size < request.quorum || last === undefined)
    return 'nobody, or too few people, have approved it';
  const isLate = request.startBy === null || isLater(request.startBy, last.at, last.payload.startMs);
  return isLate ? 'its approval was given more time than it had' : null;
}

const isLater = (until: Date, from: Date, ms: unknown): boolean =>
  typeof ms !== 'number' || until.getTime() > from.getTime() + ms + SLACK_MS;
