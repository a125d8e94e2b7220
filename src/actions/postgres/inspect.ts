/** What a PostgreSQL database is, read on the connection that will be used, and whether it is the catalog's environment. */
import type pg from 'pg';
import { z } from 'zod';
import type { Refused } from '../../domain/action.ts';
import type { Facts } from '../../domain/probe.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';

const seen = z.object({
  system_identifier: z.string(),
  address: z.string(),
  in_recovery: z.boolean(),
  database: z.string(),
  database_oid: z.string(),
  major: z.number(),
  version: z.string(),
  bytes: z.number().nullable(),
  marker: z.string().nullable(),
});

// The marker is that of the database; one set for a role, or by the client itself, says nothing of where this is.
const LOOK = `
  select (select system_identifier::text from pg_control_system()) as system_identifier,
    coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'socket') as address,
    pg_is_in_recovery() as in_recovery,
    d.datname as database, d.oid::text as database_oid,
    current_setting('server_version_num')::int / 10000 as major,
    split_part(current_setting('server_version'), ' ', 1) as version,
    case when has_database_privilege(d.oid, 'connect') then pg_database_size(d.oid)::float8 end as bytes,
    (select substr(s.setting, length('pageturner.env=') + 1)
      from pg_db_role_setting r, unnest(r.setconfig) s(setting)
      where r.setdatabase = d.oid and r.setrole = 0 and s.setting like 'pageturner.env=%') as marker
  from pg_database d where d.datname = current_database()`;

export interface Inspected {
  readonly identity: Facts;
  readonly marker: string | null;
  readonly database: string;
  readonly oid: string;
  readonly systemIdentifier: string;
  readonly major: number;
  readonly version: string;
  readonly inRecovery: boolean;
  /** Null: it may not be asked. */
  readonly bytes: number | null;
}

/** Reads only. Refuses where the marker and the catalog differ. */
export async function inspectPostgres(client: pg.ClientBase, target: Target): Promise<Inspected | Refused> {
  const look = seen.parse((await client.query(LOOK)).rows[0]);
  const { marker } = look;
  if (marker !== null && marker !== target.environment) {
    const found = oneLine(marker, 40);
    return {
      refused: `the database ${oneLine(look.database, 63)} is marked ${found} (pageturner.env), but the catalog says ${target.environment}: nothing is done`,
    };
  }
  return {
    identity: {
      system_identifier: look.system_identifier,
      address: look.address,
      in_recovery: look.in_recovery,
      database: look.database,
      database_oid: look.database_oid,
      server_version: look.version,
    },
    marker,
    database: look.database,
    oid: look.database_oid,
    systemIdentifier: look.system_identifier,
    major: look.major,
    version: look.version,
    inRecovery: look.in_recovery,
    bytes: look.bytes,
  };
}
