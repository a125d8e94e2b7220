/** The restore itself: loaded beside, counted, and only then do the two databases change names. */
import { TargetError } from '../../clients/target-error.ts';
import { type ActionContext, type ActionOutcome, isRefused, type PlanDraft } from '../../domain/action.ts';
import { addressRedact } from '../../domain/address-secrets.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { failedOn, nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { allRows } from '../postgres/scan-dump.ts';
import { sayCount } from '../say-size.ts';
import { type Filled, fill } from './fill.ts';
import { dropLoader, type Loader, makeLoader } from './loader-role.ts';
import { onMaintenance } from './maintenance.ts';
import { makeBeside } from './make-beside.ts';
import { besideName } from './names.ts';
import { prepareRestore, type Ready, type RestoreOptions, type RestoreSettings } from './plan.ts';
import { openCopy } from './private-copy.ts';
import { swapDatabases } from './swap.ts';

const superseded = nothingWas('replaced');

/** For taking away the database that was made, also when it was stopped. */
const CLEAN_MS = 30_000;

/** Whatever is thrown but OutcomeUnknown, the database that was there is still the one. */
export async function executeRestore(
  target: Target,
  settings: RestoreSettings,
  approved: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
  options: RestoreOptions,
): Promise<ActionOutcome> {
  const ready = await prepareRestore(target, settings, context, options, openCopy);
  if (isRefused(ready)) return superseded(ready.refused);
  try {
    const differs = planDiffers(approved, ready.draft);
    if (differs.length > 0) return superseded(differs.join('; '));
    return await replaceBy(ready, target.url ?? '', act, context);
  } finally {
    await ready.dump.close();
  }
}

async function replaceBy(
  ready: Ready,
  url: string,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const { database } = ready.inspected;
  const now = new Date();
  const making = besideName(database, 'new', now);
  let isOurs = false;
  let loader: Loader | null = null;
  try {
    await onMaintenance(url, database, context, async (client) => {
      context.progress(`making ${making}`);
      if (ready.replaceable.makesRoles) loader = await makeLoader(client, url, making);
      await makeBeside(client, database, making, loader?.role ?? null);
      isOurs = true;
    });
    const filled = await fill({ url, making, loader }, ready, context);
    if ('wrong' in filled) return failed(database, filled.wrong);
    const keptAs = besideName(database, 'before', now);
    const { systemIdentifier, oid } = ready.inspected;
    const swap = { url, systemIdentifier, name: database, oid, keptAs, from: making };
    const swapped = await swapDatabases(swap, context, act);
    if (swapped.state === 'changed') return superseded(swapped.why);
    if (swapped.state === 'failed') return failed(database, swapped.why);
    isOurs = false;
    return succeeded(ready, keptAs, swapped.ended, filled);
  } catch (error) {
    // Which of the two is ours is then not known either: neither is taken away.
    if (error instanceof OutcomeUnknown) isOurs = false;
    if (error instanceof TargetError && !context.signal.aborted && isOurs)
      return failed(database, addressRedact(url)(error.message));
    context.signal.throwIfAborted();
    throw error;
  } finally {
    await takeAway(url, database, isOurs ? making : null, loader);
  }
}

/** A database that can't be taken away now is left under its own name, which says what it is; so is the role. */
async function takeAway(
  url: string,
  database: string,
  made: string | null,
  loader: Loader | null,
): Promise<void> {
  if (made === null && loader === null) return;
  const inTime = { signal: AbortSignal.timeout(CLEAN_MS), timeoutMs: CLEAN_MS };
  await onMaintenance(url, database, inTime, async (client) => {
    if (made !== null)
      await client.query(`drop database if exists ${client.escapeIdentifier(made)} with (force)`);
    if (loader !== null) await dropLoader(client, loader);
  }).catch(() => undefined);
}

function succeeded(
  { inspected, dump }: Ready,
  keptAs: string,
  ended: number,
  { settingsLeft, ownersLeft }: Filled,
): ActionOutcome {
  const { database } = inspected;
  const held = `${sayCount(dump.contents.tables, 'table')}, ${sayCount(allRows(dump.contents), 'row')}`;
  const left =
    settingsLeft.length === 0
      ? ''
      : `; settings that this role may not make, to be set by a superuser: ${settingsLeft.join(', ')}`;
  const owners =
    ownersLeft.length === 0
      ? ''
      : `; what the dump gives to ${ownersLeft.join(', ')} belongs to the owner of the database`;
  const note = `is what ${dump.name} holds (${held}); the old one stays as ${keptAs}${ended > 0 ? `; ${sayCount(ended, 'session')} ended` : ''}${left}${owners}`;
  return {
    state: 'succeeded',
    summary: oneLine(`${database} ${note}`, 500),
    items: [{ name: database, outcome: 'done', note }],
  };
}

const failed = (database: string, why: string): ActionOutcome =>
  failedOn(database, oneLine(`nothing was replaced: ${why}`, 500));
