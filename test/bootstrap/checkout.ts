/** A fresh clone in miniature: the real bin/, a small src/main.ts, and one dependency that npm can install offline. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../servers/program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM_MS = 60_000;

export interface Checkout {
  readonly dir: string;
  write(path: string, text: string): void;
  /** package.json and a lock file that agree on the dependency `thing` at this version. */
  lock(version: string): void;
  run(program: string, args?: readonly string[], env?: Readonly<Record<string, string>>): RunningBin;
  /** `npm run NAME`; the script is the project's own. */
  runNpm(script: string): RunningBin;
  remove(): void;
}

export interface RunningBin {
  readonly child: ChildProcess;
  output(): string;
  /** Its code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

export function makeCheckout(): Checkout {
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-checkout-'));
  cpSync(join(ROOT, 'bin'), join(dir, 'bin'), { recursive: true });
  const write = (path: string, text: string): void => {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  return {
    dir,
    write,
    lock(version) {
      const wanted = { name: 'checkout', version: '1.0.0', dependencies: { thing: 'file:thing' } };
      write('package.json', JSON.stringify({ ...wanted, type: 'module', scripts: scriptsOfProject() }));
      write('thing/package.json', JSON.stringify({ name: 'thing', version }));
      const packages = {
        '': wanted,
        'node_modules/thing': { resolved: 'thing', link: true },
        thing: { version },
      };
      write(
        'package-lock.json',
        JSON.stringify({ name: 'checkout', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
      );
    },
    run: (program, args = [], env = {}) => run(dir, process.execPath, [join('bin', program), ...args], env),
    runNpm: (script) => run(dir, 'npm', ['run', script], {}),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** One with the project's own tools, installed as they are here. */
export function makeCheckoutWithTools(): Checkout {
  const checkout = makeCheckout();
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(ROOT, file), join(checkout.dir, file));
  symlinkSync(join(ROOT, 'node_modules'), join(checkout.dir, 'node_modules'));
  return checkout;
}

function scriptsOfProject(): unknown {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: unknown };
  return scripts;
}

function run(
  dir: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningBin {
  const child = spawn(program, args, {
    cwd: dir,
    // npm looks for node there: the one that runs this test.
    env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PROGRAM_MS,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part;
    });
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  return { child, output: () => output, ended };
}

export async function says(running: RunningBin, text: string): Promise<void> {
  await waitFor(`"${text}"; it said: ${running.output()}`, PROGRAM_MS, () => running.output().includes(text));
}
