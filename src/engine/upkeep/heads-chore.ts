/** The audit log's head leaves the house: after each action that was executed, and once a day. */
import { auditHead } from '../../journal/audit-chain.ts';
import { hasActedSince } from '../../journal/audit-verify.ts';
import type { HeadPlace } from '../../journal/head-places.ts';
import type { Engine } from '../core/engine.ts';
import type { Chore } from './keep-chore.ts';

const EVERY_MS = 1000;
const WITHIN_MS = 20_000;
const DAY_MS = 86_400_000;

/** A head that could not be written is written with the next pass; several processes may write the same one. */
export function headsChore(engine: Pick<Engine, 'journal'>, place: HeadPlace): Chore {
  let last = { seq: 0, at: 0 };
  return {
    name: place.variable === 'AUDIT_HEAD_FILE' ? 'audit-head-file' : 'audit-head-url',
    everyMs: EVERY_MS,
    withinMs: WITHIN_MS,
    async run(signal) {
      const { pool } = engine.journal;
      const head = await auditHead(pool);
      const isDaily = Date.now() - last.at > DAY_MS;
      if (head.seq === 0 || (!isDaily && !(await hasActedSince(pool, last.seq)))) return;
      await place.append(head, signal);
      last = { seq: head.seq, at: Date.now() };
    },
  };
}
