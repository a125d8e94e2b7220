/** The table of rights against the code: every table has its line, and every line is what statements do. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TABLE_RIGHTS } from '../../src/journal/rights.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const MIGRATIONS = join(SRC, 'journal', 'migrations');

const migrations = readdirSync(MIGRATIONS)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => readFileSync(join(MIGRATIONS, name), 'utf8'));
const program = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(SRC, name), 'utf8'));

const tables = migrations.flatMap((sql) =>
  [...sql.matchAll(/create table (?:if not exists )?(\w+)/giu)].map((match) => match[1] ?? ''),
);

describe('the rights of the bot’s role', () => {
  it('name every table there is, and no other', () => {
    expect(Object.keys(TABLE_RIGHTS).sort()).toEqual([...tables, 'migrations'].sort());
  });

  it('are enough for every statement that names its table', () => {
    const code = [...program, ...migrations].join('\n');
    const wanted = [
      ...[...code.matchAll(/insert into (\w+)/gu)].map((match) => [match[1] ?? '', 'insert'] as const),
      ...[...code.matchAll(/delete from (\w+)/gu)].map((match) => [match[1] ?? '', 'delete'] as const),
      ...[...code.matchAll(/update (\w+) (?:\w+ )?set /gu)].map(
        (match) => [match[1] ?? '', 'update'] as const,
      ),
    ];
    const owners = new Set(['insert migrations', 'insert audit_head']);
    const missing = wanted.filter(
      ([table, right]) => tables.includes(table) && !TABLE_RIGHTS[table]?.includes(right),
    );
    expect(missing.filter(([table, right]) => !owners.has(`${right} ${table}`))).toEqual([]);
  });

  it('let nobody change or remove what is decided and what is audited', () => {
    expect(TABLE_RIGHTS.audit_entries).toEqual(['select', 'insert']);
    expect(TABLE_RIGHTS.decisions).toEqual(['select', 'insert']);
  });
});
