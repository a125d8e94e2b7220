/** Everything that the five pages say is somewhere, and the pages of docs/ that say where are those of today. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isMap, isSeq, parseDocument } from 'yaml';
import { readWritten } from './catalog-steps.ts';
import { undescribed } from './keys-page.ts';
import { gaps, readLines, SYSTEMS } from './lines.ts';
import { PAGES } from './pages.ts';

describe('each line of the pages is carried by something', () => {
  const written = readWritten();
  test.each(SYSTEMS)('%s', (system) => {
    expect(gaps(system, readLines(system), written)).toEqual([]);
  });

  test('every step of the catalog’s incidents is there for a line of a page', () => {
    const named = new Set(
      SYSTEMS.flatMap((system) =>
        readLines(system).flatMap(({ places }) =>
          places.flatMap((place) => (place.type === 'catalog' ? [place.at.split('#', 1)[0]] : [])),
        ),
      ),
    );
    const runbooks = new Set(written.flatMap(({ at }) => at.split('#', 1)).filter((id) => id.includes('/')));
    const unnamed = [...runbooks].filter((id) => !named.has(id));
    expect(
      unnamed.map(
        (id) =>
          `${id}: name it in test/coverage/${id.split('/')[0]}.yaml, with the line that it is for: "${id}#trigger = alertname=…", or, where no page has it, under "Beyond the page"`,
      ),
    ).toEqual([]);
  });
});

describe('what is deleted is missed', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-coverage-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.each([
    ['moalog', 'redis-down', ['verify', 1], 'moalog/redis-down#verify.reconnected is not there'],
    ['moalog', 'kafka-down', ['recover', 0, 'restart', 'steps', 0], 'recover.restart.zookeeper is not there'],
    ['moalog', 'system', ['services', 'loki'], 'moalog#services.loki is not there'],
    ['market-data', 'model-not-available', ['diagnose', 2], 'diagnose.registered is not there'],
    ['mari', 'sentinel-unavailable', ['recover', 1], 'recover.fail-open.open is not there'],
    ['dbis-core', 'payment-stuck', ['diagnose', 0], 'diagnose.stuck is not there'],
    ['butler', 'operations/day-12', ['steps', 5], 'steps.smoke is not there'],
  ] as const)('%s/%s without %j', (system, name, path, says) => {
    const copy = join(dir, `${system}-${name.replace('/', '-')}`);
    cpSync('runbooks', copy, { recursive: true });
    const file = join(copy, system, `${name}.yaml`);
    const doc = parseDocument(readFileSync(file, 'utf8'));
    const parent = doc.getIn(path.slice(0, -1));
    if (!isMap(parent) && !isSeq(parent)) throw new Error(`${file} has nothing at ${path.join('.')}`);
    doc.deleteIn(path);
    writeFileSync(file, doc.toString());
    expect(gaps(system, readLines(system), readWritten(copy)).join('\n')).toContain(says);
  });
});

describe('pages made by npm run coverage are current', () => {
  test.each(PAGES)('%s', (file, page) => {
    expect(readFileSync(file, 'utf8'), 'run npm run coverage and commit what it writes').toBe(page());
  });

  test('every key of every file is described', () => {
    expect(undescribed()).toEqual([]);
  });
});
