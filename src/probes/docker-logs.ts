/** The last lines a container wrote, bounded, and whether one of them says something. */
import { z } from 'zod';
import { readDocker, readDockerJson } from '../clients/docker-answers.ts';
import { TargetError } from '../clients/target-error.ts';
import type { ProbeContext } from '../domain/probe.ts';
import type { Target } from '../domain/target.ts';
import { cut, oneLine, plain } from '../domain/text.ts';
import { containerOf, degraded, probeKind, up } from './probe-kind.ts';

const MAX_LOG_BYTES = 4_194_304;
const LINE = 500;
const FRAME_HEADER = 8;

const settings = z.strictObject({
  lines: z.int().min(1).max(500).default(50),
  /** Degraded when no line contains this text. */
  contains: z.string().min(1).max(200).optional(),
  /** Degraded when a line contains this text. */
  lacks: z.string().min(1).max(200).optional(),
  /**
   * A service of the same system: only lines written since its container's present life began count. What a log says
   * of the time before an outage proves nothing about the time after it.
   */
  sinceStartOf: z.string().min(1).max(100).optional(),
});
/** Docker Engine API, `GET /containers/{id}/json`. */
const life = z.object({
  Created: z.string(),
  State: z.object({ Running: z.boolean(), FinishedAt: z.string() }),
});

export const dockerLogs = probeKind<z.output<typeof settings>>({
  name: 'docker.logs',
  settings,
  needs: 'container',
  facts: { lines: { type: 'number' }, matches: { type: 'number' } },
  async probe(target, { lines, contains, lacks, sinceStartOf }, context) {
    const since = sinceStartOf === undefined ? '' : `&since=${await startOf(target, sinceStartOf, context)}`;
    const path = `/containers/${encodeURIComponent(containerOf(target))}/logs?stdout=1&stderr=1&tail=${lines}${since}`;
    const bounds = { signal: context.signal, timeoutMs: context.timeoutMs };
    const log = await readDocker(target.dockerHost, path, {
      ...bounds,
      maxBytes: MAX_LOG_BYTES,
      longer: 'cut',
    });
    const read = plain(withoutFrames(log).toString('utf8'))
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-lines)
      .map((line) => cut(line, LINE));
    const wanted = contains ?? lacks;
    const matches = wanted === undefined ? null : read.filter((line) => line.includes(wanted)).length;
    const facts = { lines: read.length, matches };
    const output = read.join('\n');
    if (contains !== undefined && matches === 0) {
      const which =
        sinceStartOf === undefined
          ? `none of the last ${read.length} lines`
          : `none of the ${read.length} lines since ${oneLine(sinceStartOf, 60)} was started`;
      return degraded(`${which} contains “${contains}”`, facts, output);
    }
    if (contains === undefined && matches !== null && matches > 0) {
      return degraded(`${matches} of the last ${read.length} lines contain “${lacks}”`, facts, output);
    }
    return up(facts, output);
  },
});

/**
 * When its container ended last, or was made: the engine notes a start a little after the program's first moments, and
 * while it is away nothing can be said of it. In seconds since 1970 with nine decimals, as `since` wants them. Throws a
 * TargetError that says what is missing.
 */
async function startOf(target: Target, service: string, context: ProbeContext): Promise<string> {
  const name = oneLine(service, 60);
  const container = target.declared.containers[service];
  if (container === undefined)
    throw new TargetError('unknown', `${name}, whose start counts here, has no container in the catalog`);
  const path = `/containers/${encodeURIComponent(container)}/json`;
  const { Created, State } = await readDockerJson(target.dockerHost, path, life, context);
  if (!State.Running)
    throw new TargetError('degraded', `${name}, since whose start its lines count, does not run`);
  // Of one that never ended the engine says 0001-01-01T00:00:00Z.
  const text = Date.parse(State.FinishedAt) > 0 ? State.FinishedAt : Created;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new TargetError('unknown', `the engine does not say since when ${name} is there`);
  const fraction = /\.(\d{1,9})/u.exec(text)?.[1] ?? '';
  return `${Math.floor(time / 1000)}.${fraction.padEnd(9, '0')}`;
}

/**
 * Without a terminal, the engine sends frames: stream, three zeros, length, text (Docker Engine API, "Attach to a
 * container"); with one, the text alone.
 */
function withoutFrames(log: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + FRAME_HEADER <= log.length) {
    const [stream = 9, a, b, c] = log.subarray(at, at + 4);
    if (stream > 2 || a !== 0 || b !== 0 || c !== 0) return log;
    const length = log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + length));
    at += FRAME_HEADER + length;
  }
  return Buffer.concat(parts);
}
