/** The engine's silencer on a real Alertmanager. */
import { createSilence, expireSilence, listSilences } from '../clients/alertmanager.ts';
import type { Silencer } from '../engine/core/engine.ts';

const TIMEOUT_MS = 10_000;

export function createSilencer(): Silencer {
  const bounds = (signal: AbortSignal) => ({
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    timeoutMs: TIMEOUT_MS,
  });
  return {
    async find(url, mark, signal) {
      const silences = await listSilences(url, bounds(signal));
      return silences.find(({ state, comment }) => state !== 'expired' && comment.includes(mark))?.id ?? null;
    },
    async list(url, signal) {
      return (await listSilences(url, bounds(signal))).filter(({ state }) => state !== 'expired');
    },
    create: (url, silence, signal) => createSilence(url, silence, bounds(signal)),
    async expire(url, id, signal) {
      await expireSilence(url, id, bounds(signal));
    },
  };
}
