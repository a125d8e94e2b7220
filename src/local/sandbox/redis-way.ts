/** How a Redis can be had on this machine: a program, Debian's packages, an image that is already here, or not. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { openDocker } from '../../clients/docker.ts';
import type { RedisProgram } from './redis-process.ts';

export type RedisWay =
  | { readonly kind: 'program'; readonly program: RedisProgram }
  | { readonly kind: 'package'; readonly aptGet: string }
  | { readonly kind: 'image'; readonly image: string }
  /** `line`: the one line to type. */
  | { readonly kind: 'none'; readonly line: string };

export interface Machine {
  /** As `PATH`. */
  readonly path: string;
  readonly isRoot: boolean;
  readonly dockerHost: string;
}

export async function findRedisWay(machine: Machine): Promise<RedisWay> {
  const program = await findRedisProgram(machine.path);
  if (program !== null) return { kind: 'program', program };
  const aptGet = machine.isRoot ? await findOnPath('apt-get', machine.path) : null;
  if (aptGet !== null) return { kind: 'package', aptGet };
  return withoutPackage(machine);
}

/** The ways that are left when the package can't be had. */
export async function withoutPackage(machine: Machine): Promise<RedisWay> {
  const image = await findRedisImage(machine.dockerHost);
  return image === null ? { kind: 'none', line: await lineToType(machine) } : { kind: 'image', image };
}

export async function findRedisProgram(path: string): Promise<RedisProgram | null> {
  // redis-check-rdb, in Debian's redis-tools, is the server's own program: its name decides what it does.
  for (const name of ['redis-server', 'valkey-server', 'redis-check-rdb']) {
    const file = await findOnPath(name, path);
    if (file !== null) return { file, argv0: name === 'valkey-server' ? name : 'redis-server' };
  }
  return null;
}

async function findOnPath(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}

/** An image of Redis that the engine already has: none is ever pulled. */
async function findRedisImage(dockerHost: string): Promise<string | null> {
  // A published port of an engine elsewhere is not on this machine's loopback.
  if (!dockerHost.startsWith('unix:')) return null;
  try {
    const images = await openDocker(dockerHost, { timeoutMs: 1_500 }).listImages();
    const tags = images.flatMap((image) => image.RepoTags ?? []);
    return tags.find((tag) => /(^|\/)(redis|valkey):/.test(tag)) ?? null;
  } catch {
    return null;
  }
}

const INSTALLERS: readonly (readonly [program: string, command: string, asRoot: boolean])[] = [
  ['apt-get', 'apt-get install -y redis-server', true],
  ['dnf', 'dnf install -y redis', true],
  ['apk', 'apk add redis', true],
  ['pacman', 'pacman -S --noconfirm redis', true],
  ['brew', 'brew install redis', false],
];

async function lineToType(machine: Machine): Promise<string> {
  for (const [program, command, asRoot] of INSTALLERS) {
    if ((await findOnPath(program, machine.path)) !== null) {
      return asRoot && !machine.isRoot ? `sudo ${command}` : command;
    }
  }
  return machine.dockerHost.startsWith('unix:') && (await findOnPath('docker', machine.path)) !== null
    ? 'docker pull redis:8'
    : 'install Redis so that redis-server is on PATH (https://redis.io/docs/latest/operate/oss_and_stack/install/)';
}
