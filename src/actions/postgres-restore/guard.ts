/** Every reason why a database must not be replaced, read on a connection to it. */
import type pg from 'pg';
import { z } from 'zod';
import type { Refused, SelfIdentity } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import type { Inspected } from '../postgres/inspect.ts';
import { sayCount } from '../say-size.ts';
import { PLAIN_NAME } from './names.ts';

const rights = z.object({
  role: z.string(),
  owner: z.string(),
  may_create: z.boolean(),
  makes_roles: z.boolean(),
  runs_programs: z.boolean(),
  owns: z.boolean(),
  is_template: z.boolean(),
  prepared: z.number(),
  slots: z.number(),
  is_sandbox: z.boolean(),
});
const RIGHTS = `
  select r.rolname as role, pg_get_userbyid(d.datdba) as owner, r.rolsuper or r.rolcreatedb as may_create,
    r.rolsuper or r.rolcreaterole as makes_roles,
    exists (select from pg_roles p where p.rolname in ('pg_execute_server_program', 'pg_write_server_files',
      'pg_read_server_files') and pg_has_role(r.oid, p.oid, 'member')) as runs_programs,
    r.rolsuper or pg_has_role(r.oid, d.datdba, 'member') as owns,
    d.datistemplate as is_template,
    (select count(*)::int from pg_prepared_xacts x where x.database = d.datname) as prepared,
    (select count(*)::int from pg_replication_slots s where s.database = d.datname) as slots,
    exists (select from pg_db_role_setting t, unnest(t.setconfig) s(setting)
      where t.setdatabase = d.oid and t.setrole = 0 and s.setting = 'pageturner.sandbox=true') as is_sandbox
  from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()`;

const session = z.object({
  user: z.string().nullable(),
  program: z.string().nullable(),
  client: z.string().nullable(),
  state: z.string().nullable(),
  endable: z.boolean(),
});
export type Session = z.output<typeof session>;

// Whose sessions a role may end: postgresql.org, "Server Signaling Functions".
// What others do is hidden from roles without pg_read_all_stats; that they are there is not.
const SESSIONS = `
  select a.usename as user, a.application_name as program, host(a.client_addr) as client, a.state,
    me.rolsuper or (not coalesce(u.rolsuper, false) and (pg_has_role(me.oid, a.usesysid, 'usage')
      or pg_has_role(me.oid, 'pg_signal_backend', 'usage'))) as endable
  from pg_stat_activity a join pg_roles me on me.rolname = current_user left join pg_roles u on u.oid = a.usesysid
  where a.datname = current_database() and a.pid <> pg_backend_pid()
    and coalesce(a.backend_type, 'client backend') not in ('autovacuum worker', 'parallel worker')
  order by 1, 2, 3`;

export interface Replaceable {
  /** Of the database. */
  readonly owner: string;
  /** The role that the address logs in as. */
  readonly role: string;
  /** It may make one for the load, which then can do nothing outside of its database. */
  readonly makesRoles: boolean;
  /** Those who will be ended. */
  readonly sessions: readonly Session[];
  readonly slots: number;
  /** Databases that an earlier attempt, killed in the middle, has left beside. */
  readonly left: readonly string[];
}

export async function whyNotReplaced(
  client: pg.ClientBase,
  target: Target,
  inspected: Inspected,
  self: SelfIdentity,
): Promise<Replaceable | Refused> {
  const name = oneLine(inspected.database, 63);
  if (inspected.inRecovery)
    return { refused: `the server is a replica (in recovery): restore on its primary` };
  const own = await ownJournal(inspected, self);
  if (own !== null) return { refused: own };
  if (!PLAIN_NAME.test(inspected.database))
    return {
      refused: `the database's name, ${name}, has characters that programs take for more than a name`,
    };
  const found = rights.parse((await client.query(RIGHTS)).rows[0]);
  if (target.sandboxOnly && !found.is_sandbox)
    return {
      refused: `local mode only changes the sandbox, and ${name} has no setting pageturner.sandbox=true`,
    };
  if (!found.may_create || !found.owns) {
    return {
      refused: `the bot's role ${oneLine(found.role, 63)} may not ${found.owns ? 'create databases' : `rename ${name}`}: expected a superuser, or CREATEDB and membership in the owner's role`,
    };
  }
  if (!found.makes_roles && found.runs_programs)
    return {
      refused: `the SQL of a dump would run as ${oneLine(found.role, 63)}, which may start programs or use files on the server: grant it CREATEROLE, so that a role is made for the load, or take pg_execute_server_program and its like away`,
    };
  if (found.is_template) return { refused: `${name} is a template that other databases are made from` };
  if (found.prepared > 0)
    return {
      refused: `${sayCount(found.prepared, 'prepared transaction')} waits in ${name}: commit or roll back first`,
    };
  const sessions = z.array(session).parse((await client.query(SESSIONS)).rows);
  const stays = sessions.find(({ endable }) => !endable);
  if (stays !== undefined)
    return {
      refused: `the bot's role may not end the session of ${saySession(stays)}: grant it pg_signal_backend, or end it`,
    };
  const beside = await client.query<{ name: string }>(
    'select datname as name from pg_database where starts_with(datname, $1) order by 1 limit 5',
    [`${inspected.database}_new_`],
  );
  const { owner, role, makes_roles: makesRoles } = found;
  return {
    owner,
    role,
    makesRoles,
    sessions,
    slots: found.slots,
    left: beside.rows.map(({ name: left }) => left),
  };
}

/** Why this may be the bot's own journal, or null when it isn't. Not knowing is a reason too. */
async function ownJournal(inspected: Inspected, self: SelfIdentity): Promise<string | null> {
  try {
    const own = await self.journalDatabase();
    const same = own?.systemIdentifier === inspected.systemIdentifier && own.oid === inspected.oid;
    return same ? "this database is the bot's own journal, whatever name or address leads to it" : null;
  } catch {
    return "whether this database is the bot's own journal can't be told, as the journal does not answer";
  }
}

/** `app@10.0.0.7 (payments, idle)`. */
export function saySession({ user, client, program, state }: Session): string {
  const what = [program ?? '', state ?? ''].filter((text) => text !== '').join(', ');
  return oneLine(`${user ?? '?'}@${client ?? 'socket'}${what === '' ? '' : ` (${what})`}`, 120);
}
