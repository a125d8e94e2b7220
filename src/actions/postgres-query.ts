/** postgres.query: one statement in a read-only transaction, its rows shown as a table. */
import { z } from 'zod';
import { type Selected, selectOn } from '../clients/postgres-select.ts';
import { TargetError } from '../clients/target-error.ts';
import {
  type ActionContext,
  type ActionKind,
  type ActionOutcome,
  isRefused,
  OUTPUT_MAX,
  type PlanDraft,
  type Refused,
  type Scope,
} from '../domain/action.ts';
import { addressRedact } from '../domain/address-secrets.ts';
import { shownAddress, type Target } from '../domain/target.ts';
import { cut, oneLine } from '../domain/text.ts';
import { textTable } from '../domain/text-table.ts';
import { failedOn, nothingWas } from './outcomes.ts';
import { planDiffers } from './plan-differs.ts';
import { onPostgres } from './postgres/on-postgres.ts';
import { statement, statementMs, statementTimeout } from './postgres/statement.ts';
import { sayCount } from './say-size.ts';

const superseded = nothingWas('asked');

const CELL = 60;
const SHOWN_SQL = 1500;

const settings = z.strictObject({
  sql: statement,
  /** Rows fetched; the outcome says when there are more. */
  max_rows: z.int().min(1).max(1000).default(100),
  statement_timeout: statementTimeout,
});
type Settings = z.output<typeof settings>;

export function createPostgresQuery(): ActionKind<Settings> {
  return {
    name: 'postgres.query',
    contractVersion: 1,
    danger: 'safe',
    needs: { schemes: ['postgres', 'postgresql'] },
    settings,
    plan,
    execute,
  };
}

async function plan(target: Target, chosen: Settings, context: ActionContext): Promise<PlanDraft | Refused> {
  return onPostgres(target, context, async (_client, { identity, marker, version, database }) => ({
    identity,
    marker,
    scope: scopeOf(chosen),
    preview: [
      `${shownAddress(target.url ?? '')} · PostgreSQL ${version} · database ${oneLine(database, 63)}`,
      `a read-only transaction; at most ${sayCount(chosen.max_rows, 'row')} are fetched`,
    ],
    undo: { kind: 'none', reason: 'it only reads' },
  }));
}

async function execute(
  target: Target,
  chosen: Settings,
  approved: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  let announced = false;
  try {
    const outcome = await onPostgres(target, context, async (client, { identity, marker }) => {
      const differs = planDiffers(approved, { identity, marker, scope: scopeOf(chosen) });
      if (differs.length > 0) return superseded(differs.join('; '));
      await act();
      announced = true;
      if (context.signal.aborted) return failed('stopped before the statement was sent');
      const wanted = {
        sql: chosen.sql,
        maxRows: chosen.max_rows,
        statementMs: statementMs(chosen.statement_timeout, context.timeoutMs),
      };
      return shown(target, chosen, await selectOn(client, wanted));
    });
    return isRefused(outcome) ? superseded(outcome.refused) : outcome;
  } catch (error) {
    if (!announced) throw error;
    // It changes nothing, so whatever stopped it is an outcome like another.
    if (context.signal.aborted) return failed('stopped; the statement was ended');
    if (error instanceof TargetError) return failed(error.message);
    throw error;
  }
}

const scopeOf = ({ sql }: Settings): Scope => ({
  kind: 'call',
  does: `read-only: ${oneLine(sql, SHOWN_SQL)}`,
});

function shown(target: Target, chosen: Settings, { columns, rows, more }: Selected): ActionOutcome {
  const redact = addressRedact(target.url);
  const summary = `${sayCount(rows.length, 'row')}${more ? `, and there are more (max_rows is ${chosen.max_rows})` : ''}`;
  const output = redact(cut(textTable(columns, rows, CELL), OUTPUT_MAX));
  return { state: 'succeeded', summary, items: [{ name: 'rows', outcome: 'done', note: summary }], output };
}

const failed = (why: string): ActionOutcome => failedOn('rows', oneLine(`no rows: ${why}`, 300));
