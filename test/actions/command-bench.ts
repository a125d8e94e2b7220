/** A folder of this machine with a program in it that takes everything away, and counts how often it ran. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../src/domain/target.ts';
import { waitFor } from '../servers/program.ts';
import { declared, program } from './declared.ts';
import { target } from './fixtures.ts';

export interface CommandBench {
  readonly target: Target;
  /** The same with its folder gone. */
  readonly gone: Partial<Target>;
  readonly folder: string;
  fill(): void;
  /** Another program under the same name. */
  replace(): void;
  /** What is left, once nothing runs there any more. */
  state(): Promise<Readonly<Record<string, string>>>;
  /** How often the program ran, once nothing runs there any more. */
  runs(): Promise<number>;
  stop(): void;
}

const SCRIPT = '#!/bin/sh\necho run >> runs\nrm -f data/*\n';

export function startCommandBench(): CommandBench {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pageturner-command-')));
  const data = join(folder, 'data');
  mkdirSync(data);
  const script = (text: string): void => {
    writeFileSync(join(folder, 'purge'), text);
    chmodSync(join(folder, 'purge'), 0o755);
  };
  const inFolder = (where: string) =>
    declared({ programs: { purge: program({ run: ['./purge', '{what}'], where: { folder: where } }) } });
  // A program outlives the bot that is killed: what it does must be over before it is counted.
  const settled = () => waitFor('nothing to run there', 10_000, () => !isBusy(folder));
  return {
    folder,
    target: target({ declared: inFolder(folder) }),
    gone: { declared: inFolder(join(folder, 'gone')) },
    fill() {
      script(SCRIPT);
      rmSync(join(folder, 'runs'), { force: true });
      for (const name of ['a', 'b']) writeFileSync(join(data, name), name);
    },
    replace: () => script(`${SCRIPT}# another one\n`),
    async state() {
      await settled();
      return Object.fromEntries(
        readdirSync(data).map((name) => [name, readFileSync(join(data, name), 'utf8')]),
      );
    },
    async runs() {
      await settled();
      const log = join(folder, 'runs');
      return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Whether any process works in the folder. Between fork and exec a child still has the command line of who started
 * it, which names the folder; the command line is read first, since it is empty in the very moment of exec.
 */
export function isBusy(folder: string): boolean {
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/u.test(pid) || Number(pid) === process.pid) return false;
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      return line.includes(folder) || readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}
