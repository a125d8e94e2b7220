// One process at a time, by a file that names its holder; a holder that is gone holds nothing.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const POLL_MS = 100;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

function removeOfTheDead(file) {
  try {
    const holder = Number(readFileSync(file, 'utf8'));
    if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true });
  } catch {
    // Given back in the meantime.
  }
}

/** Runs `work` while no other process is at the same `subject`; waits for as long as one is. */
export function alone(subject, work) {
  const name = createHash('sha256').update(subject).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `pageturner-${name}.lock`);
  const still = new Int32Array(new SharedArrayBuffer(4));
  while (!take(file)) {
    removeOfTheDead(file);
    Atomics.wait(still, 0, 0, POLL_MS);
  }
  const giveBack = () => rmSync(file, { force: true });
  process.once('exit', giveBack);
  try {
    work();
  } finally {
    process.removeListener('exit', giveBack);
    giveBack();
  }
}
