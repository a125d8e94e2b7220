/** How much of what a step printed or read its message shows; the whole of a longer one is a file in the thread. */
import { newestThatFit } from './log-lines.ts';
import { cut, plain } from './text.ts';

/** Characters. */
export const OUTPUT_SHOWN = { action: 1500, probe: 2400 } as const;

export const isLongerThanShown = (kind: keyof typeof OUTPUT_SHOWN, output: string): boolean =>
  plain(output).length > OUTPUT_SHOWN[kind];

/** Probes whose output is a log: its news is at the end. */
const LOGS: ReadonlySet<string> = new Set(['docker.logs', 'loki.query']);

/** What is shown of a probe's output: of a log the newest lines, of anything else the beginning. */
export function shownOfProbe(probe: string, output: string): string {
  const text = plain(output);
  return LOGS.has(probe) ? newestThatFit(text, OUTPUT_SHOWN.probe) : cut(text, OUTPUT_SHOWN.probe);
}
