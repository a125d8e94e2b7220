/** A new, empty database with the properties of another: encoding, locale, owner, settings, rights. */
import type pg from 'pg';
import { z } from 'zod';
import { codeOf } from '../../clients/network-error.ts';
import { NOT_PERMITTED } from '../../clients/postgres.ts';

const properties = z.object({
  owner: z.string(),
  encoding: z.string(),
  tablespace: z.string(),
  datcollate: z.string(),
  datctype: z.string(),
  datconnlimit: z.number(),
  datlocprovider: z.string().optional(),
  datlocale: z.string().nullable().optional(),
  daticulocale: z.string().nullable().optional(),
});

/** Columns differ by version: the row is read as JSON. */
const PROPERTIES = `
  select to_jsonb(d) - 'datacl' || jsonb_build_object('owner', pg_get_userbyid(d.datdba),
    'encoding', pg_encoding_to_char(d.encoding), 'tablespace', t.spcname) as found
  from pg_database d join pg_tablespace t on t.oid = d.dattablespace where d.datname = $1`;

/** `loader`: who owns it while it is loaded; null: the owner of the other from the beginning. */
export async function makeBeside(
  client: pg.ClientBase,
  from: string,
  name: string,
  loader: string | null,
): Promise<void> {
  const { rows } = await client.query<{ found: unknown }>(PROPERTIES, [from]);
  const p = properties.parse(rows[0]?.found);
  const [id, text] = [client.escapeIdentifier.bind(client), client.escapeLiteral.bind(client)];
  const locale = p.datlocale ?? p.daticulocale ?? null;
  const provider =
    locale === null || p.datlocprovider === 'c'
      ? ''
      : p.datlocprovider === 'b'
        ? `locale_provider builtin builtin_locale ${text(locale)}`
        : `locale_provider icu icu_locale ${text(locale)}`;
  // Named, it needs a right on it that an ordinary owner has not; left out, it is what template0 has.
  const tablespace = p.tablespace === 'pg_default' ? '' : `tablespace ${id(p.tablespace)}`;
  await client.query(
    `create database ${id(name)} template template0 owner ${id(loader ?? p.owner)} encoding ${text(p.encoding)}
     lc_collate ${text(p.datcollate)} lc_ctype ${text(p.datctype)} ${provider}
     ${tablespace} connection limit ${p.datconnlimit}`,
  );
}

const kept = z.object({ role: z.string().nullable(), name: z.string(), value: z.string() });
const SETTINGS = `
  select nullif(r.setrole, 0)::regrole::text as role, split_part(s.setting, '=', 1) as name,
    substr(s.setting, strpos(s.setting, '=') + 1) as value
  from pg_db_role_setting r, unnest(r.setconfig) s(setting)
  where r.setdatabase = (select oid from pg_database where datname = $1)`;

const right = z.object({ grantee: z.string().nullable(), privilege: z.string(), grantable: z.boolean() });
const RIGHTS = `
  select case a.grantee when 0 then null else pg_get_userbyid(a.grantee) end as grantee,
    a.privilege_type as privilege, a.is_grantable as grantable
  from pg_database d, aclexplode(d.datacl) a where d.datname = $1 and d.datacl is not null and a.grantee <> d.datdba`;

/**
 * The settings that a database has by itself and for roles (`pageturner.env` among them), and who may connect: a dump
 * of one database has neither. Returns the names of settings that this role may not make: since PostgreSQL 15 an
 * ordinary owner needs a grant for those that the server doesn't know (postgresql.org, GRANT … ON PARAMETER).
 */
export async function copyProperties(
  client: pg.ClientBase,
  from: string,
  name: string,
): Promise<readonly string[]> {
  const id = client.escapeIdentifier.bind(client);
  const settings = z.array(kept).parse((await client.query(SETTINGS, [from])).rows);
  const left: string[] = [];
  for (const setting of settings) {
    if (!(await copySetting(client, setting, name))) left.push(setting.name);
  }
  const rights = z.array(right).parse((await client.query(RIGHTS, [from])).rows);
  const { rows } = await client.query<{ own: boolean }>(
    'select datacl is not null as own from pg_database where datname = $1',
    [from],
  );
  if (rows[0]?.own === true) await client.query(`revoke all on database ${id(name)} from public`);
  for (const { grantee, privilege, grantable } of rights) {
    const to = grantee === null ? 'public' : id(grantee);
    if (!/^(CREATE|TEMPORARY|CONNECT)$/u.test(privilege)) continue;
    await client.query(
      `grant ${privilege} on database ${id(name)} to ${to}${grantable ? ' with grant option' : ''}`,
    );
  }
  return left;
}

/** False: this role may not. */
async function copySetting(
  client: pg.ClientBase,
  { role, name, value }: z.output<typeof kept>,
  database: string,
): Promise<boolean> {
  const id = client.escapeIdentifier.bind(client);
  const variable = name.split('.').map(id).join('.');
  const on = role === null ? `database ${id(database)}` : `role ${role} in database ${id(database)}`;
  await client.query('begin read write');
  try {
    // By way of this session: the server then reads lists (search_path) as it wrote them.
    await client.query('select set_config($1, $2, true)', [name, value]);
    await client.query(`alter ${on} set ${variable} from current`);
    await client.query('commit');
    return true;
  } catch (error) {
    await client.query('rollback');
    if (codeOf(error) === NOT_PERMITTED) return false;
    throw error;
  }
}
