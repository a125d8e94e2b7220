/** The engine as a terminal has it: the same rules and the same journal; the bot that runs does the work. */
import { hostname, userInfo } from 'node:os';
import { pino } from 'pino';
import { createActionKinds } from '../actions/index.ts';
import { ConfigError, type Env, loadConfig } from '../config.ts';
import { createRedact } from '../domain/redact.ts';
import type { Engine } from '../engine/core/engine.ts';
import { fitsKey, WRONG_KEY } from '../journal/audit-chain.ts';
import { openJournal } from '../journal/open-journal.ts';
import { probeKinds } from '../probes/index.ts';
import { joinJournal } from './join-journal.ts';
import { loadForTerminal } from './load.ts';

const LEASE_MS = 10_000;

/** Whoever sits at the terminal, for the journal: `cli:NAME`. */
export const terminalUser = (): string => `cli:${userInfo().username}`;

/** @throws ConfigError when no journal runs, its audit log has another key, or the catalog is not valid. */
export async function openTerminalEngine(
  env: Env,
): Promise<{ readonly engine: Engine; readonly close: () => Promise<void> }> {
  const catalog = await loadForTerminal(env);
  const joined = await joinJournal(env);
  const fits = await fitsKey(joined.client, joined.auditKey).finally(() => joined.client.end());
  if (!fits) throw new ConfigError([WRONG_KEY]);
  const config = loadConfig({ ...env, AUDIT_KEY: joined.auditKey }, process.cwd());
  const stopping = new AbortController();
  const log = pino({ level: 'silent' });
  const journal = await openJournal({
    url: joined.url,
    schema: joined.schema,
    environment: config.environment,
    onError: () => undefined,
  });
  const engine: Engine = {
    journal,
    auditKey: joined.auditKey,
    catalog,
    probeKinds,
    actionKinds: createActionKinds({ undoMaxBytes: config.undoMaxBytes }),
    directory: { person: async () => 'unknown', groupMembers: async () => null },
    self: {
      queueRedisRunId: async () => null,
      queueReplicaRunIds: async () => [],
      journalDatabase: async () => null,
      containerId: null,
      volumes: [],
    },
    settings: { ...config, leaseMs: LEASE_MS },
    worker: `${hostname()}/${process.pid}/terminal`,
    redact: createRedact([...config.secrets, ...catalog.secrets, joined.auditKey]),
    log,
    signal: stopping.signal,
    // The bot's reconciler finds what is due.
    waker: { steps: async () => undefined, health: async () => undefined },
    poke: () => undefined,
    diagnose: () => undefined,
    projects: () => false,
  };
  return {
    engine,
    close: async () => {
      stopping.abort();
      await journal.close();
    },
  };
}
