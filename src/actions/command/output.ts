/** What a program prints: its last line told while it runs, its end kept. */
import { StringDecoder } from 'node:string_decoder';
import { OUTPUT_MAX } from '../../domain/action.ts';
import { oneLine, plain } from '../../domain/text.ts';

export interface Output {
  take(part: Buffer, from: 'stdout' | 'stderr'): void;
  /** At most `OUTPUT_MAX` characters; what was cut from the front is said in the first line. */
  text(): string;
  /** The last lines that say something, in one. */
  lastLines(): string;
}

const LINE_SHOWN = 200;
const LAST_LINES = 3;
/** Room for the line that says what was cut. */
const NOTICE = 100;

export function createOutput(progress: (line: string) => void): Output {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const unfinished = { stdout: '', stderr: '' };
  let kept = '';
  let cutAway = 0;
  const trim = (most: number): void => {
    const over = kept.length - most;
    if (over <= 0) return;
    kept = kept.slice(over);
    cutAway += over;
  };
  const tell = (text: string, from: 'stdout' | 'stderr'): void => {
    // Only whole lines are told: half of a secret would not be recognised as one.
    const lines = `${unfinished[from]}${text}`.split(/\r?\n|\r/u);
    unfinished[from] = (lines.pop() ?? '').slice(-LINE_SHOWN * 10);
    const last = lines.findLast((line) => oneLine(line) !== '');
    if (last !== undefined) progress(oneLine(last, LINE_SHOWN));
  };
  return {
    take: (part, from) => {
      const text = decoders[from].write(part);
      kept += text;
      if (kept.length > 2 * OUTPUT_MAX) trim(OUTPUT_MAX);
      tell(text, from);
    },
    text: () => {
      trim(OUTPUT_MAX - NOTICE);
      const text = plain(kept);
      return cutAway === 0
        ? text
        : `… ${cutAway.toLocaleString('en-US')} characters before this were cut\n${text}`;
    },
    lastLines: () =>
      plain(kept.slice(-LINE_SHOWN * 20))
        .split('\n')
        .map((line) => oneLine(line, LINE_SHOWN))
        .filter((line) => line !== '')
        .slice(-LAST_LINES)
        .join(' · '),
  };
}
