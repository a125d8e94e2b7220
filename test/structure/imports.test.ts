import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** What each room may import of ours, besides itself. `main.ts`, `start-bot.ts` and `local` may import everything. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  clients: ['domain'],
  catalog: ['domain'],
  journal: ['domain'],
  pictures: ['domain'],
  probes: ['clients', 'domain'],
  actions: ['clients', 'domain'],
  engine: ['domain', 'catalog', 'journal'],
  queue: ['engine', 'journal', 'clients', 'domain'],
  slack: ['engine', 'journal', 'domain', 'config.ts'],
  http: ['engine', 'journal', 'domain', 'config.ts'],
  cli: [
    'engine',
    'journal',
    'catalog',
    'probes',
    'actions',
    'local',
    'domain',
    'config.ts',
    'self-identity.ts',
  ],
  config: ['domain'],
  'config.ts': ['config', 'domain'],
};

/** The engine's rooms, from the ground up: each may import those before it. */
const ENGINE_ROOMS = [
  'core',
  'checks',
  'escalation',
  'runs',
  'changes',
  'incidents',
  'intake',
  'maintenance',
  'reading',
  'upkeep',
] as const;

function files(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

const all = files(SRC);
const room = (path: string): string => relative(SRC, path).split('/')[0] ?? '';

function importsOf(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/gu)].map((match) =>
    join(dirname(path), match[1] ?? ''),
  );
}

describe('the rooms', () => {
  it('import in one direction', () => {
    const wrong = all.flatMap((path) => {
      const allowed = MAY[room(path)];
      if (allowed === undefined) return [];
      return importsOf(path)
        .filter((target) => room(target) !== room(path) && !allowed.includes(room(target)))
        .map((target) => `${relative(SRC, path)} → ${relative(SRC, target)}`);
    });
    expect(wrong).toEqual([]);
  });

  it('of the engine import downwards only, and each says what belongs there', () => {
    const floor = (path: string): number =>
      ENGINE_ROOMS.findIndex((name) => relative(SRC, path).startsWith(`engine/${name}/`));
    const engine = all.filter((path) => room(path) === 'engine');
    expect(engine.filter((path) => floor(path) < 0)).toEqual([]);
    const wrong = engine.flatMap((path) =>
      importsOf(path)
        .filter((target) => room(target) === 'engine' && floor(target) > floor(path))
        .map((target) => `${relative(SRC, path)} → ${relative(SRC, target)}`),
    );
    expect(wrong).toEqual([]);
    for (const name of ENGINE_ROOMS)
      expect(readFileSync(join(SRC, 'engine', name, 'README.md'), 'utf8')).toMatch(/^[A-Z].+\n\nNot here: /u);
  });

  it('keep SQL in the journal: the rest of the bot calls its readers and writers', () => {
    // Systems under care are asked in their own language, and the embedded server is set up before there is a journal.
    const others = ['journal', 'clients', 'probes', 'actions'];
    const sql =
      /\.query\s*(?:<[^;]*?>)?\(\s*['"`\w]|['"`](?:select|insert into|delete from|with \w+ as|update \w+ set) /iu;
    const wrong = all
      .filter((path) => !others.includes(room(path)) && relative(SRC, path) !== 'local/embedded-postgres.ts')
      .filter((path) => sql.test(readFileSync(path, 'utf8')));
    expect(wrong.map((path) => relative(SRC, path))).toEqual([]);
  });

  it('have no cycles', () => {
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(path)), path].map((p) => relative(SRC, p)).join(' → '));
        return;
      }
      state.set(path, 'open');
      for (const target of importsOf(path)) visit(target, [...trail, path]);
      state.set(path, 'done');
    };
    for (const path of all) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('hold small files: past 300 lines a file has two subjects', () => {
    const long = all.filter((path) => readFileSync(path, 'utf8').split('\n').length > 301);
    expect(long.map((path) => relative(SRC, path))).toEqual([]);
  });

  it('import with the .ts ending, as Node runs them', () => {
    const wrong = all.flatMap((path) => importsOf(path).filter((target) => !/\.(ts|js|json)$/u.test(target)));
    expect(wrong).toEqual([]);
  });
});
