/** A real MariaDB on a port of its own, with one user who has a password. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { findProgram, freePort } from './program.ts';
import { runProgram } from './run-program.ts';

const run = promisify(execFile);
const START_MS = 60_000;
const PASSWORD = 'open-sesame';

export interface MariadbServer {
  /** With the user `app` and its password. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startMariadb(): Promise<MariadbServer> {
  const program = await findProgram('mariadbd', 'mariadb-server');
  const install = await findProgram('mariadb-install-db', 'mariadb-server');
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-mariadb-'));
  const port = await freePort();
  const user = `--user=${userInfo().username}`;
  await run(install, [
    '--no-defaults',
    `--datadir=${dir}/data`,
    user,
    '--auth-root-authentication-method=normal',
  ]);
  const init = join(dir, 'init.sql');
  // One statement a line, as the server reads it.
  const statements = [
    `create user app identified by '${PASSWORD}'`,
    'create database shop',
    'grant all on shop.* to app',
  ];
  writeFileSync(init, statements.map((statement) => `${statement};\n`).join(''));
  const args = [
    '--no-defaults',
    `--datadir=${dir}/data`,
    user,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    // Else 127.0.0.1 is localhost, where nobody in particular may come in without a password.
    '--skip-name-resolve',
    `--socket=${dir}/socket`,
    `--pid-file=${dir}/pid`,
    `--init-file=${init}`,
    '--innodb-buffer-pool-size=16M',
    '--performance-schema=off',
  ];
  const url = `mysql://app:${PASSWORD}@127.0.0.1:${port}/shop`;
  const running = await runProgram(program, { args, deadlineMs: START_MS, ready: () => answers(url) });
  return {
    url,
    port,
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const connection = await createConnection(url).catch(() => null);
  connection?.destroy();
  return connection !== null;
}
