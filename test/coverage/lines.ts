/** The lines of the five pages, in words of our own, each with what became of it: test/coverage/SYSTEM.yaml. */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Written } from './catalog-steps.ts';

export const SYSTEMS = ['moalog', 'market-data', 'mari', 'dbis-core', 'butler'] as const;

/** A line: what the page says, then what carries it. */
const Page = z.strictObject({
  sections: z.record(z.string(), z.array(z.tuple([z.string()], z.string()))),
});

/**
 * - `ID#KEY = KIND`: a step, or another thing of the catalog, that is there and is of that kind;
 * - `/ops … : FILE`: a command, and the test that fails without it;
 * - `FILE : FILE`: code, and the test that fails without it;
 * - `no: WHY`: not covered.
 */
export type Place =
  | { readonly type: 'catalog'; readonly at: string; readonly kind: string }
  | { readonly type: 'code'; readonly what: string; readonly test: string }
  | { readonly type: 'none'; readonly why: string };

export interface Line {
  readonly section: string;
  readonly says: string;
  readonly places: readonly Place[];
}

export function readLines(system: string): readonly Line[] {
  const { sections } = Page.parse(parse(readFileSync(`test/coverage/${system}.yaml`, 'utf8')));
  return Object.entries(sections).flatMap(([section, lines]) =>
    lines.map(([says, ...places]) => ({ section, says, places: places.map(readPlace) })),
  );
}

function readPlace(text: string): Place {
  if (text.startsWith('no: ')) return { type: 'none', why: text.slice(4) };
  const [, at, kind] = /^(\S+#.+?) = (.+)$/u.exec(text) ?? [];
  if (at !== undefined && kind !== undefined) return { type: 'catalog', at, kind };
  const [, what, test] = /^(.+) : (\S+)$/u.exec(text) ?? [];
  if (what === undefined || test === undefined)
    throw new Error(`coverage: "${text}" is none of the four forms`);
  return { type: 'code', what, test };
}

/** What is named and isn't there, or is of another kind; a line that nothing carries and that doesn't say why. */
export function gaps(system: string, lines: readonly Line[], written: readonly Written[]): readonly string[] {
  return lines.flatMap(({ says, places }) => {
    const say = (text: string): string => `${system}: ${says}: ${text}`;
    if (places.length === 0) return [say('nothing carries it, and nothing says why')];
    return places.flatMap((place) => {
      switch (place.type) {
        case 'catalog': {
          const found = written.filter(({ at }) => at === place.at).map(({ kind }) => kind);
          if (found.includes(place.kind)) return [];
          return [say(`${place.at} is ${found.join(', ') || 'not there'}; expected ${place.kind}`)];
        }
        case 'code': {
          const files = [place.test, ...(place.what.startsWith('/ops') ? [] : [place.what])];
          return files.filter((file) => !existsSync(file)).map((file) => say(`there is no ${file}`));
        }
        case 'none':
          return [];
        default:
          return place satisfies never;
      }
    });
  });
}
