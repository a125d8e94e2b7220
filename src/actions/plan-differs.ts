/** The last look before an act: is the target still what the approved plan was made of? */
import type { PlanDraft } from '../domain/action.ts';
import { oneLine } from '../domain/text.ts';

/** One line for each difference in identity, marker or call, for people; empty: it is the same. */
export function planDiffers(
  approved: PlanDraft,
  now: Pick<PlanDraft, 'identity' | 'marker' | 'scope'>,
): readonly string[] {
  const names = Object.keys({ ...approved.identity, ...now.identity });
  const was = approved.scope.kind === 'call' ? approved.scope.does : '';
  const is = now.scope.kind === 'call' ? now.scope.does : '';
  return [
    ...names
      .filter((name) => approved.identity[name] !== now.identity[name])
      .map((name) => `${name} was ${say(approved.identity[name])}, is ${say(now.identity[name])}`),
    ...(approved.marker === now.marker ? [] : [`marker was ${say(approved.marker)}, is ${say(now.marker)}`]),
    ...(approved.scope.kind === now.scope.kind ? [] : ['the plan is about something else']),
    ...(was === is ? [] : [`it was ${oneLine(was, 120)}, is ${oneLine(is, 120)}`]),
  ];
}

const say = (value: unknown): string => oneLine(String(value ?? null), 120);
