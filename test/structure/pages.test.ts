/** Pages name files, and link to each other: what they name is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createActionKinds } from '../../src/actions/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

function under(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
}

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...under('docs'),
  ...under('src'),
];
const FOLDERS = /^(?:src|test|bin|docs|runbooks|monitoring|\.github|\.ci|\.vscode)\//u;

/** `src/engine/core/perform.ts` in backticks; not a pattern, nor one with a word in capitals to be filled in. */
function namedFiles(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\s]+)`/gu)]
    .map(([, name = '']) => name.replace(/[#:].*$/u, ''))
    .filter((name) => FOLDERS.test(name) && !/[*{}…<>$]|[A-Z]{3,}|\/NAME/u.test(name));
}

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gmu, '');

describe.each(PAGES)('%s', (page) => {
  it('names only files that are there', () => {
    expect(namedFiles(withoutCode(read(page))).filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it('links only to pages and headings that are there', () => {
    const links = [...withoutCode(read(page)).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/gu)];
    const broken = links
      .map(([, link = '']) => link)
      .filter((link) => {
        const [path = '', heading] = link.split('#');
        const target = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
        if (!existsSync(target)) return true;
        return heading !== undefined && !headings(relative(ROOT, target)).includes(heading);
      });
    expect(broken).toEqual([]);
  });
});

/** As GitHub makes them from the text of a heading. */
function headings(page: string): readonly string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gmu)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it('each promise is kept by a test that is there', () => {
  const [promises = ''] = read('docs/guarantees.md').split('\n## ');
  const rows = promises
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:promise|---)/u.test(line));
  expect(rows.length).toBeGreaterThan(25);
  expect(
    rows.filter((row) => namedFiles(row).filter((name) => name.startsWith('test/')).length === 0),
  ).toEqual([]);
});

/** The rows of the table under a heading, without its head. */
function rowsBelow(page: string, heading: string): readonly string[] {
  const [, section = ''] = read(page).split(`\n## ${heading}\n`);
  const [, , ...rows] = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows;
}

it('each threat names the tests that hold what is said against it', () => {
  const rows = rowsBelow('docs/security.md', 'Threats, and what holds against them');
  expect(rows.length).toBeGreaterThan(25);
  const tests = (row: string): readonly string[] =>
    namedFiles(row).filter((name) => /^test\/.*\.test\.ts$/u.test(name) && existsSync(join(ROOT, name)));
  expect(rows.filter((row) => tests(row).length === 0)).toEqual([]);
  const kinds = rows.map((row) => row.split('|')[1]?.replaceAll('*', '').trim());
  expect([...new Set(kinds)]).toEqual([
    'Spoofing',
    'Tampering',
    'Repudiation',
    'Information disclosure',
    'Denial of service',
    'Elevation of privilege',
  ]);
});

it('each kind of action says what can change between the last look and the act', () => {
  const rows = rowsBelow('docs/actions.md', 'What can change between the last look and the act');
  const said = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/gu)].map(([, kind]) => kind),
  );
  expect(said.sort()).toEqual([...createActionKinds({ undoMaxBytes: 1 }).keys()].sort());
});

it('the README fits on a few screens', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(151);
});
