/** The restore itself: loaded beside, counted, and only then do the two databases change names. */
import { askPostgres } from '../../clients/postgres.ts';
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
import { countLoaded, loadDump } from './load.ts';
import { onMaintenance } from './maintenance.ts';
import { copyProperties, makeBeside } from './make-beside.ts';
import { besideName } from './names.ts';
import { prepareRestore, type Ready, type RestoreOptions, type RestoreSettings } from './plan.ts';
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
  const ready = await prepareRestore(target, settings, context, options);
  if (isRefused(ready)) return superseded(ready.refused);
  const differs = planDiffers(approved, ready.draft);
  if (differs.length > 0) return superseded(differs.join('; '));
  const url = target.url ?? '';
  const { database } = ready.inspected;
  const now = new Date();
  const making = besideName(database, 'new', now);
  let isOurs = false;
  try {
    await onMaintenance(url, database, context, async (client) => {
      context.progress(`making ${making}`);
      await makeBeside(client, database, making);
      isOurs = true;
    });
    const filled = await fill(url, making, ready, context);
    if ('wrong' in filled) return failed(database, filled.wrong);
    const keptAs = besideName(database, 'before', now);
    const { systemIdentifier, oid } = ready.inspected;
    const swap = { url, systemIdentifier, name: database, oid, keptAs, from: making };
    const swapped = await swapDatabases(swap, context, act);
    if (swapped.state === 'changed') return superseded(swapped.why);
    if (swapped.state === 'failed') return failed(database, swapped.why);
    isOurs = false;
    return succeeded(ready, keptAs, swapped.ended, filled.settingsLeft);
  } catch (error) {
    // Which of the two is ours is then not known either: neither is taken away.
    if (error instanceof OutcomeUnknown) isOurs = false;
    if (error instanceof TargetError && !context.signal.aborted && isOurs)
      return failed(database, addressRedact(url)(error.message));
    context.signal.throwIfAborted();
    throw error;
  } finally {
    if (isOurs) await dropMade(url, database, making);
  }
}

/** Why the new database doesn't hold all that the dump does; or which settings of the old one this role can't make. */
async function fill(
  url: string,
  making: string,
  ready: Ready,
  context: ActionContext,
): Promise<{ readonly wrong: string } | { readonly settingsLeft: readonly string[] }> {
  const { dump, inspected } = ready;
  const notLoaded = await loadDump(url, making, dump, context);
  if (notLoaded !== null) return { wrong: notLoaded };
  const missing = await askPostgres(url, { ...bounds(context), database: making }, (client) =>
    countLoaded(client, dump, context),
  );
  if (missing !== null) return { wrong: missing };
  await askPostgres(url, { ...bounds(context), database: making, writes: true }, async (client) => {
    context.progress('gathering statistics');
    await client.query('analyze');
  });
  const settingsLeft = await onMaintenance(url, inspected.database, context, (client) =>
    copyProperties(client, inspected.database, making),
  );
  context.signal.throwIfAborted();
  return { settingsLeft };
}

const bounds = ({ signal, timeoutMs }: ActionContext) => ({ signal, timeoutMs });

/** A database that can't be taken away now is left under its own name, which says what it is. */
async function dropMade(url: string, database: string, making: string): Promise<void> {
  const inTime = { signal: AbortSignal.timeout(CLEAN_MS), timeoutMs: CLEAN_MS };
  await onMaintenance(url, database, inTime, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(making)} with (force)`),
  ).catch(() => undefined);
}

function succeeded(
  { inspected, dump }: Ready,
  keptAs: string,
  ended: number,
  settingsLeft: readonly string[],
): ActionOutcome {
  const { database } = inspected;
  const held = `${sayCount(dump.contents.tables, 'table')}, ${sayCount(allRows(dump.contents), 'row')}`;
  const left =
    settingsLeft.length === 0
      ? ''
      : `; settings that this role may not make, to be set by a superuser: ${settingsLeft.join(', ')}`;
  const note = `is what ${dump.name} holds (${held}); the old one stays as ${keptAs}${ended > 0 ? `; ${sayCount(ended, 'session')} ended` : ''}${left}`;
  return {
    state: 'succeeded',
    summary: oneLine(`${database} ${note}`, 500),
    items: [{ name: database, outcome: 'done', note }],
  };
}

const failed = (database: string, why: string): ActionOutcome =>
  failedOn(database, oneLine(`nothing was replaced: ${why}`, 500));
