/** Does a MongoDB answer a ping, signed in. */
import { z } from 'zod';
import { askMongo } from '../clients/mongodb.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';

export const MONGODB_SCHEMES = ['mongodb', 'mongodb+srv'] as const;

const settings = z.strictObject({});

export const mongodbPing = probeKind<z.output<typeof settings>>({
  name: 'mongodb.ping',
  settings,
  needs: { schemes: MONGODB_SCHEMES },
  facts: { ok: { type: 'number' } },
  async probe(target, _settings, context) {
    const answer = await askMongo(addressOf(target), context, (command) => command({ ping: 1 }));
    return up({ ok: Number(answer.ok) });
  },
});
