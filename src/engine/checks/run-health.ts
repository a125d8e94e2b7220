/** A worker asks every service of a system at once; answers are written as they come, a few at a time. */
import { setImmediate as aTurnForOthers, setTimeout as sleep } from 'node:timers/promises';
import type { ProbeResult } from '../../domain/probe.ts';
import type { ServiceEntry, System } from '../../domain/runbook.ts';
import {
  addHealthResults,
  claimHealthPart,
  type HealthMore,
  whereHealthIsShown,
} from '../../journal/health.ts';
import { recordHealth } from '../../journal/health-history.ts';
import { findSystem } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { healthMessage, healthServices } from './ask-health.ts';
import { askMore } from './ask-more.ts';
import { askService } from './ask-service.ts';

/** Answers that arrive within this time are written together. */
const TOGETHER_MS = 100;

/** Probes started without letting anything else have a turn, such as Slack's acknowledgements. */
const STARTED_TOGETHER = 4;

/** Asks all of them at once, each with its own timeout; `onAnswer` is called for each as it comes. */
export async function probeServices(
  engine: Pick<Engine, 'catalog' | 'probeKinds' | 'redact' | 'signal'>,
  system: System,
  services: readonly ServiceEntry[],
  onAnswer: (service: string, result: ProbeResult) => void,
): Promise<void> {
  const asking: Promise<void>[] = [];
  for (const { name, probe } of services) {
    if (probe === null) continue;
    if (asking.length % STARTED_TOGETHER === STARTED_TOGETHER - 1) await aTurnForOthers();
    asking.push(askService(engine, system.name, probe).then((result) => onAnswer(name, result)));
  }
  await Promise.all(asking);
}

export async function runHealth(engine: Engine, partId: number): Promise<void> {
  const part = await claimHealthPart(engine.journal.pool, partId, engine.settings.leaseMs * 2);
  if (part === null) return;
  const { channel, scope } = await whereHealthIsShown(engine.journal.pool, part.answerId);
  const system = findSystem(engine, part.system);
  const services =
    system === null ? [] : healthServices(system, null).filter((e) => part.services.includes(e.name));
  let fresh: Record<string, ProbeResult> = {};
  const all: Record<string, ProbeResult> = {};
  let more: HealthMore | null = null;
  let open = true;
  const flush = async (done: boolean): Promise<void> => {
    const results = fresh;
    fresh = {};
    if (!done && Object.keys(results).length === 0) return;
    await perform(engine, async (draft) => {
      await draft.write(addHealthResults(partId, results, done, more));
      // A shutdown in the middle says nothing about the services.
      if (done && !engine.signal.aborted) await draft.write(recordHealth(part.system, all));
      if (channel !== null) draft.want(healthMessage(part.answerId, channel));
    });
  };
  const writer = (async () => {
    while (open) {
      await sleep(TOGETHER_MS);
      if (open) await flush(false);
    }
  })();
  try {
    if (system !== null) {
      const [found] = await Promise.all([
        scope === 'all' ? {} : askMore(engine, system, scope === 'service' ? (services[0] ?? null) : null),
        probeServices(engine, system, services, (service, result) => {
          fresh[service] = result;
          all[service] = result;
        }),
      ]);
      more = found;
    }
  } finally {
    open = false;
  }
  await flush(true);
  await writer;
}
