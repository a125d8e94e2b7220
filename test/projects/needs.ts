/** What a test needs beside Node, read from the files that it imports: there is no list to keep. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importClosure, type Reached } from './import-closure.ts';

export const TEST = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/u, '');
/** It starts nothing by itself: whoever asks it for a program is told by `findProgram`. */
const PROGRAM = join(TEST, 'servers', 'program.ts');

export interface Needs {
  /** By name, as `findProgram` is asked for them, with Debian's package. */
  readonly programs: ReadonlyMap<string, string>;
  /** The run's own PostgreSQL. */
  readonly postgres: boolean;
  /** Any process of its own: a server, the bot, a command. */
  readonly processes: boolean;
}

/** The last: what a file says of itself where only the code under test starts something. */
const STARTS = /from '(?:node:child_process|playwright-core)'|^\/\/ Starts programs/mu;

export function needsOf(file: string): Needs {
  const files = importClosure(file, TEST).filter(({ path }) => path !== PROGRAM);
  const programs = new Map(files.flatMap(programsOf));
  const postgres = files.some(({ text }) => /inject\('(?:postgresUrl)'\)/u.test(text));
  return {
    programs,
    postgres,
    processes: postgres || programs.size > 0 || files.some(({ text }) => STARTS.test(text)),
  };
}

export function testFiles(): readonly string[] {
  const names = readdirSync(TEST, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => join(TEST, name));
}

/** A program and its package are written out where `findProgram` is called. */
function programsOf({ text }: Reached): readonly (readonly [string, string])[] {
  const calls = text.matchAll(/findProgram\('([\w./-]+)', '([\w.+-]+)'\)/gu);
  return [...calls].map(([, program = '', debianPackage = '']) => [program, debianPackage] as const);
}
