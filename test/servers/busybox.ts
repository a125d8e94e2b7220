/** A small image made here, so that no test pulls one. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { findProgram } from './program.ts';

const run = promisify(execFile);
const REPOSITORY = 'pageturner-test/busybox';
const TAG = '1';
const PROGRAMS = [
  'sh',
  'sleep',
  'cat',
  'echo',
  'dd',
  'ls',
  'timeout',
  'env',
  'true',
  'false',
  'yes',
  'printf',
  'httpd',
  'nc',
];

/** The image's name. Importing it twice at once makes the same image twice, which is no harm. */
export async function importBusybox(docker: Docker): Promise<string> {
  const image = `${REPOSITORY}:${TAG}`;
  const there = await docker.listImages({ filters: JSON.stringify({ reference: [image] }) });
  if (there.length > 0) return image;
  // The dynamic busybox finds no libc in an empty image: Debian's static one is asked for by its package.
  const busybox = await findProgram('busybox', 'busybox-static');
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-busybox-'));
  try {
    const bin = join(dir, 'root', 'bin');
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(dir, 'root', 'tmp'));
    cpSync(busybox, join(bin, 'busybox'), { dereference: true });
    for (const name of PROGRAMS) symlinkSync('busybox', join(bin, name));
    const tar = join(dir, 'image.tar');
    await run('tar', ['-C', join(dir, 'root'), '--owner=0', '--group=0', '-cf', tar, '.']);
    const progress = await docker.importImage(tar, { repo: REPOSITORY, tag: TAG });
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
    );
    return image;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
