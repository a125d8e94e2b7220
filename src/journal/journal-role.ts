/** What the bot's role could do to the journal beyond its use cases, and whether that is let pass. */
import pg from 'pg';
import { JournalTrouble } from './journal-trouble.ts';

export interface JournalRole {
  readonly name: string;
  readonly superuser: boolean;
  /** It owns the audit log, or may become the one who does. */
  readonly owns: boolean;
  /** It may change or remove what the audit log holds. */
  readonly rewrites: boolean;
  /** It may make roles, and so give itself others' rights (before PostgreSQL 16). */
  readonly makesRoles: boolean;
  /** It may make tables in the journal's schema, or the schema. */
  readonly makesTables: boolean;
}

const ROLE = `select r.rolname as name, r.rolsuper as superuser, r.rolcreaterole as "makesRoles",
    coalesce(pg_has_role(r.oid, audit.relowner, 'member'), false) as owns,
    coalesce(has_table_privilege(r.oid, audit.oid, 'update') or has_table_privilege(r.oid, audit.oid, 'delete')
      or has_table_privilege(r.oid, audit.oid, 'truncate'), false) as rewrites,
    case when to_regnamespace($1) is null then has_database_privilege(current_database(), 'create')
      else has_schema_privilege(to_regnamespace($1), 'create') end as "makesTables"
  from pg_roles r left join pg_class audit on audit.oid = to_regclass('audit_entries')
  where r.rolname = current_user`;

export async function readJournalRole(client: pg.ClientBase, schema: string): Promise<JournalRole> {
  const { rows } = await client.query<JournalRole>(ROLE, [pg.escapeIdentifier(schema)]);
  const [role] = rows;
  if (role === undefined) throw new Error('the server does not say which role this is');
  return role;
}

/** Null: nothing speaks against it. */
function whyTooMuch(role: JournalRole): string | null {
  if (role.superuser) return 'is a superuser';
  if (role.owns) return 'owns the audit log (audit_entries), or is a member of its owner';
  if (role.makesRoles) return 'may make roles (CREATEROLE)';
  return role.rewrites ? 'may change the audit log (audit_entries)' : null;
}

/**
 * In production the bot's own role can't rewrite what the bot has done.
 * @throws JournalTrouble with the statements that make such a role.
 */
export function refuseTooMuch(role: JournalRole, database: string): void {
  const why = whyTooMuch(role);
  if (why === null) return;
  const own = `${pg.escapeIdentifier(role.name)}`;
  const made = role.superuser || role.owns;
  const bot = made ? 'pageturner_bot' : role.name;
  throw new JournalTrouble([
    `DATABASE_URL: its role ${role.name} ${why}; in prod the bot's role owns nothing and only appends there. Run as a superuser:`,
    ...(made
      ? [
          role.superuser
            ? `  create role pageturner_owner login password '…'; alter database ${pg.escapeIdentifier(database)} owner to pageturner_owner;`
            : `  -- ${own} stays the owner: its address becomes DATABASE_OWNER_URL`,
          `  create role ${bot} login password '…' nosuperuser nocreaterole nocreatedb;`,
        ]
      : [
          ...(role.makesRoles ? [`  alter role ${own} nocreaterole;`] : []),
          ...(role.rewrites
            ? [`  revoke update, delete, truncate on audit_entries from ${own}, public;`]
            : []),
        ]),
    `then: DATABASE_OWNER_URL=postgres://${role.superuser ? 'pageturner_owner' : made ? role.name : 'OWNER'}:…@HOST/${database} DATABASE_URL=postgres://${bot}:…@HOST/${database} pageturner migrate, and start the bot with that DATABASE_URL alone`,
  ]);
}
