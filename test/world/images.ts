/** The images of a small moalog, made here from the machine's own programs, so that no test pulls one. */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { findProgram } from '../servers/program.ts';

const run = promisify(execFile);
const APPS = fileURLToPath(new URL('image/app', import.meta.url));
/** Every path that the page asks for its state. */
const HEALTH_PATHS = ['index.html', '-/healthy', 'api/health', 'ready'];

export const IMAGES = { plain: 'moalog-test/plain:1', mysql: 'moalog-test/mysql:1' } as const;
export const MYSQL = { user: 'app', password: 'mysql-password-for-tests', database: 'shop' } as const;

/** Makes both. The data that MySQL begins with is in its image: Docker copies it into a new volume. */
export async function importImages(docker: Docker): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-moalog-image-'));
  try {
    await Promise.all([plainRoot(join(dir, 'plain')), mysqlRoot(join(dir, 'mysql'))]);
    await Promise.all(
      Object.entries(IMAGES).map(([name, image]) => importRoot(docker, join(dir, name), image)),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function plainRoot(root: string): Promise<void> {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(root, 'tmp'));
  const busybox = await findProgram('busybox', 'busybox-static');
  copyFileSync(busybox, join(bin, 'busybox'));
  const { stdout } = await run(busybox, ['--list']);
  for (const name of stdout.split('\n').filter((one) => one !== '' && one !== 'busybox'))
    symlinkSync('busybox', join(bin, name));
  await copyProgram(root, await findProgram('redis-server', 'redis-server'), '/bin/redis-server');
  cpSync(APPS, join(root, 'app'), { recursive: true });
  for (const path of HEALTH_PATHS) {
    mkdirSync(dirname(join(root, 'www', path)), { recursive: true });
    writeFileSync(join(root, 'www', path), 'OK\n');
  }
}

async function mysqlRoot(root: string): Promise<void> {
  const data = join(root, 'var/lib/mysql');
  mkdirSync(data, { recursive: true });
  for (const folder of ['etc', 'tmp', 'usr/share/mysql']) mkdirSync(join(root, folder), { recursive: true });
  await copyProgram(root, await findProgram('mariadbd', 'mariadb-server'), '/usr/sbin/mariadbd');
  for (const folder of ['english', 'charsets'])
    cpSync(join('/usr/share/mysql', folder), join(root, 'usr/share/mysql', folder), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
  const { user, password, database } = MYSQL;
  const statements = [
    `create user if not exists ${user} identified by '${password}'`,
    `create database if not exists ${database}`,
    `grant all on ${database}.* to ${user}`,
  ];
  writeFileSync(join(root, 'init.sql'), statements.map((statement) => `${statement};\n`).join(''));
  await run(await findProgram('mariadb-install-db', 'mariadb-server'), [
    '--no-defaults',
    `--datadir=${data}`,
    '--user=root',
    '--auth-root-authentication-method=normal',
    '--innodb-log-file-size=4M',
  ]);
}

/** With every library that it loads, each where the loader looks for it. */
async function copyProgram(root: string, from: string, to: string): Promise<void> {
  const { stdout } = await run('ldd', [from]);
  const libraries = [...stdout.matchAll(/(\/\S+)/gu)].map((match) => match[1] ?? '');
  for (const [source, place] of [[from, to] as const, ...libraries.map((path) => [path, path] as const)]) {
    mkdirSync(dirname(join(root, place)), { recursive: true });
    copyFileSync(source, join(root, place));
  }
}

async function importRoot(docker: Docker, root: string, image: string): Promise<void> {
  const [repo = '', tag = ''] = image.split(':');
  const tar = `${root}.tar`;
  await run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', tar, '.']);
  const progress = await docker.importImage(tar, { repo, tag });
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
  );
}
