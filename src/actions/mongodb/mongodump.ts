/** mongodump, where it is on PATH: its archive as a stream, with the address in a file that only it can read. */
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { streamProgram } from '../../clients/stream-program.ts';
import type { ActionContext } from '../../domain/action.ts';
import { withoutUserinfo } from '../../domain/address-secrets.ts';
import { oneLine } from '../../domain/text.ts';

export function findMongodump(path: string): string | null {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    try {
      accessSync(join(folder, 'mongodump'), constants.X_OK);
      return join(folder, 'mongodump');
    } catch {
      // Not there: the next folder.
    }
  }
  return null;
}

/** Rejects when the program fails; its own words are in the message, without addresses. */
export async function mongodumpInto(
  program: string,
  url: string,
  database: string,
  context: ActionContext,
  to: Writable,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pageturner-mongodump-'));
  try {
    const config = join(folder, 'config.yaml');
    // JSON is YAML; the password would stand in the list of processes as an argument.
    await writeFile(config, `uri: ${JSON.stringify(url)}\n`, { mode: 0o600 });
    const { code, said } = await streamProgram(
      program,
      [`--config=${config}`, `--db=${database}`, '--archive'],
      {
        env: {},
        signal: context.signal,
        output: (from) => pipeline(from, createGzip(), to),
        line: (line) => {
          const table = /(?:writing|done dumping) (\S+)/u.exec(line)?.[1];
          if (table !== undefined) context.progress(oneLine(table, 100));
        },
      },
    );
    if (code !== 0)
      throw new Error(
        `mongodump failed: ${oneLine(withoutUserinfo(said.split('\n').slice(-2).join(' ')), 200)}`,
      );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
