/** A journal from before its roles were split: what the bot's own role owns becomes the owner's. */
import pg from 'pg';
import { JournalTrouble } from './journal-trouble.ts';

interface Owned {
  /** As `alter` names it: `table "public"."runs"`. */
  readonly thing: string;
}

// Indexes, and the sequences of identity columns, follow their tables.
const OWNED = `
  select 'schema ' || quote_ident(n.nspname) as thing, 1 as n from pg_namespace n
    where n.nspname = any ($2) and n.nspowner = $1::regrole
  union all
  select case c.relkind when 'S' then 'sequence ' when 'v' then 'view ' else 'table ' end || c.oid::regclass, 2
    from pg_class c where c.relnamespace = any (select oid from pg_namespace where nspname = any ($2))
      and c.relkind in ('r', 'p', 'v', 'S') and c.relowner = $1::regrole
      and not exists (select 1 from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass
        and c.relkind = 'S' and d.deptype in ('a', 'i'))
  union all
  select 'function ' || p.oid::regprocedure, 3 from pg_proc p
    where p.pronamespace = any (select oid from pg_namespace where nspname = any ($2)) and p.proowner = $1::regrole
  union all
  select 'type ' || t.oid::regtype, 4 from pg_type t
    where t.typnamespace = any (select oid from pg_namespace where nspname = any ($2)) and t.typowner = $1::regrole
      and t.typtype = 'e'
  union all
  select 'database ' || quote_ident(d.datname), 5 from pg_database d
    where d.datname = current_database() and d.datdba = $1::regrole
  order by n, thing`;

/** Does nothing where the role owns nothing. @throws JournalTrouble with the statements that a superuser must run. */
export async function takeOver(
  client: pg.ClientBase,
  role: string,
  schemas: readonly string[],
): Promise<void> {
  const { rows } = await client.query<Owned>(OWNED, [pg.escapeIdentifier(role), schemas]);
  if (rows.length === 0) return;
  const me = await client.query<{ me: string }>('select quote_ident(current_user) as me');
  const owner = me.rows[0]?.me ?? '';
  const statements = rows.map(({ thing }) => `alter ${thing} owner to ${owner}`);
  await client.query('begin');
  try {
    // Names come from the catalogue with their schema wherever the search path doesn't find them.
    for (const statement of statements) await client.query(statement);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    if (!(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
    throw new JournalTrouble(
      [
        `DATABASE_OWNER_URL: ${owner} can't take over what ${role} owns (${error.message}); as a superuser, run in this database:`,
        ...statements.map((statement) => `  ${statement};`),
      ],
      error,
    );
  }
}
