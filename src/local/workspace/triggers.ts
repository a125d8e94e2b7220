/** Trigger ids: good for one modal, for three seconds (docs.slack.dev, "Modals"). */
import { randomBytes, randomInt } from 'node:crypto';

const GOOD_FOR_MS = 3000;
const FORGOTTEN_MS = 60_000;

export interface Triggers {
  give(user: string): string;
  take(
    id: string,
  ):
    | { readonly user: string }
    | { readonly error: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id' };
}

export function createTriggers(): Triggers {
  const given = new Map<string, { readonly user: string; readonly until: number; used: boolean }>();
  return {
    give(user) {
      const id = `${Date.now()}.${randomInt(1e9)}.${randomBytes(8).toString('hex')}`;
      for (const [old, { until }] of given) if (until < performance.now() - FORGOTTEN_MS) given.delete(old);
      given.set(id, { user, until: performance.now() + GOOD_FOR_MS, used: false });
      return id;
    },
    take(id) {
      const found = given.get(id);
      if (found === undefined) return { error: 'invalid_trigger_id' };
      if (found.used) return { error: 'exchanged_trigger_id' };
      if (performance.now() > found.until) return { error: 'expired_trigger_id' };
      found.used = true;
      return { user: found.user };
    },
  };
}
