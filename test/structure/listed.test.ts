/** What people add is listed where it must be, and has a test of its own: whoever forgets is told what to do. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { commands } from '../../src/slack/commands/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const under = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

const TESTS = under('test').filter((path) => path.endsWith('.ts'));
const textOf = new Map(TESTS.map((path) => [path, read(path)]));

/** Files of `folder` that declare something for its index, and that neither it nor a neighbour imports. */
function unlisted(folder: string, declares: RegExp): readonly string[] {
  const index = join(folder, 'index.ts');
  const imported = new Set(
    under(folder).flatMap((path) =>
      [...read(path).matchAll(/from '(\.{1,2}\/[^']+)'/gu)].map(([, to = '']) => join(path, '..', to)),
    ),
  );
  return under(folder)
    .filter((path) => path !== index && declares.test(read(path)) && !imported.has(path))
    .map((path) => `${path} is not listed: import it in ${index}, and add it to the table there`);
}

describe('everything that is written is listed', () => {
  it.each([
    ['src/probes', /export const \w+ = probeKind</u],
    ['src/actions', /^export (?:const|function) create\w+(?: =)? ?\([^)]*\): ActionKind/mu],
    ['src/slack/commands', /: Command = \{/u],
  ] as const)('in %s', (folder, declares) => {
    expect(unlisted(folder, declares)).toEqual([]);
  });
});

describe('everything that is listed has a test of its own', () => {
  /** Suites over the whole table prove what all have in common; this is about what is particular to each. */
  const particular = [...textOf].filter(([path]) => !/contract\.test\.ts$|^test\/structure\//u.test(path));
  const isNamed = (name: RegExp): boolean => particular.some(([, text]) => name.test(text));
  const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&');

  it('each kind of probe', () => {
    const missing = [...probeKinds.keys()]
      .filter((name) => !isNamed(new RegExp(`['\`"]${literal(name)}['\`"]|probe: ${literal(name)}\\b`, 'u')))
      .map(
        (name) =>
          `${name}: no test asks it; write test/probes/${name.split('.')[0]}.test.ts against a real server, with ask() of test/probes/asking.ts`,
      );
    expect(missing).toEqual([]);
  });

  it('each slash command', () => {
    const missing = commands
      .filter(({ name }) => !isNamed(new RegExp(`(?:/ops |ops\\(\\W*|ask\\(\\W*|['\`"])${name}\\b`, 'u')))
      .map(({ name }) => `/ops ${name}: no test types it; see test/e2e/lookups.test.ts for one that does`);
    expect(missing).toEqual([]);
  });

  it('each command of the terminal', () => {
    const missing = Object.keys(COMMANDS)
      .filter((name) => !isNamed(new RegExp(`['\`" ]${name}\\b`, 'u')))
      .map((name) => `pageturner ${name}: no test runs it; see test/cli/authoring.test.ts for one that does`);
    expect(missing).toEqual([]);
  });
});
