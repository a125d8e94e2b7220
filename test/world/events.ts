/** What the engine itself has seen: its own count of starts, restarts and removals. */
import type Docker from 'dockerode';
import { z } from 'zod';

const event = z.object({
  Type: z.string(),
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
});

/** Seconds with fraction, by this machine's clock, which is the engine's as well. */
export const now = (): number => Date.now() / 1000;

/** `restart moalog-redis`, `destroy moalog-server_mysql_data`: in order, from `since` until now, only these actions. */
export async function eventsSince(
  docker: Docker,
  since: number,
  actions: readonly string[],
): Promise<readonly string[]> {
  const stream = await docker.getEvents({
    since,
    until: now(),
    filters: JSON.stringify({ type: ['container', 'volume'], event: actions }),
  });
  let text = '';
  for await (const part of stream) text += String(part);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => event.parse(JSON.parse(line)))
    .sort((a, b) => a.timeNano - b.timeNano)
    .map(({ Action, Actor }) => `${Action} ${Actor.Attributes?.name ?? Actor.ID}`);
}
