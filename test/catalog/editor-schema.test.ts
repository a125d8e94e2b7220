/** What an editor makes of the catalog's files by the schema that `pageturner schema` prints. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createActionKinds } from '../../src/actions/index.ts';
import { catalogJsonSchema } from '../../src/catalog/json-schema.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { violations } from './json-schema-check.ts';

const kinds = { probeKinds, actionKinds: createActionKinds({ undoMaxBytes: 1, env: {} }) };
const schema = catalogJsonSchema(kinds);
const { $defs } = z.object({ $defs: z.record(z.string(), z.unknown()) }).parse(schema);
const files = readdirSync('runbooks', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => join('runbooks', name))
  .sort();
/** Without a fragment: editors have been known not to find one in a file of their own machine. */
const LINE = /^# yaml-language-server: \$schema=([^#\s]+)\n/u;

function kindOf(file: string): string {
  if (file.endsWith('/org.yaml')) return 'org';
  if (file.endsWith('/system.yaml')) return 'system';
  return file.includes('/tests/') ? 'test' : 'runbook';
}

describe('every file of runbooks/', () => {
  test.each(files)('%s names its schema, and is as it says', (file) => {
    const text = readFileSync(file, 'utf8');
    const [, path = ''] = LINE.exec(text) ?? [];
    expect(relative('.', resolve(dirname(file), path))).toBe('runbooks.schema.json');
    expect(violations($defs[kindOf(file)], parse(text), $defs)).toEqual([]);
    expect(violations(schema, parse(text), $defs)).toEqual([]);
  });
});

describe('the schema sees', () => {
  const step = (fields: string) => `version: 1\ntitle: x\ndiagnose:\n  - a: ${fields}\n`;
  test.each([
    ['an unknown key', 'version: 1\ntitle: x\ntrigers: []\n'],
    ['a setting of another probe', step('{ probe: redis.ping, service: redis, section: memory }')],
    ['an unknown probe', step('{ probe: redis.pong, service: redis }')],
    ['a setting out of its bounds', step('{ probe: docker.logs, service: redis, lines: 5000 }')],
    ['an action among probes', step('{ action: docker.restart, service: redis }')],
    ['an escalation to nobody', 'version: 1\ntitle: x\nescalate: { after: 5m, to: the-boss }\n'],
  ])('%s', (_, yaml) => {
    expect(violations($defs.runbook, parse(yaml), $defs)).not.toEqual([]);
  });
});
