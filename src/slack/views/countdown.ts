/** How long a step may still wait, and what it waits for. */
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { StepRow } from '../../journal/steps.ts';

/** `waits until up, at most 120 s: 43 s left · now: connection refused`; asked once only: `asking`. */
export function countdown(withinMs: number, step: StepRow): string {
  const most = Math.round(withinMs / 1000);
  if (most === 0) return '*asking*';
  const left =
    step.progress?.until == null
      ? most
      : Math.max(0, Math.round((Date.parse(step.progress.until) - Date.now()) / 1000));
  const now = step.progress === null ? '' : ` · now: ${escapeMrkdwn(oneLine(step.progress.line, 200))}`;
  return `· *waits* until up, at most ${most} s: ${left} s left${now}`;
}
