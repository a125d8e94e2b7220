/** Every race, forced: the contenders wait at one lock and are let go together, again and again. */
import { type Databases, openDatabases } from '../database.ts';
import { type Arena, openArena } from './arena.ts';
import {
  approveAgainstDeny,
  approveAgainstExpiry,
  approveAgainstResolve,
  delegationRevoked,
  samePersonTwice,
  twoApprovers,
  twoWorkersOneStep,
} from './decisions.ts';
import {
  endAgainstBeginning,
  firesAgainWhileClosing,
  resolvedByHandWhileFiring,
  sameWebhookTwice,
} from './intake.ts';
import { newerCatalogTakesOver, openNewerEngine } from './newer-catalog.ts';
import { startSlack, twoProjectors } from './projectors.ts';

type Race = (arena: Arena) => Promise<void>;

interface Prepared {
  readonly race: Race;
  close(): Promise<void>;
}

const plain = (race: Race) => async (): Promise<Prepared> => ({ race, close: async () => undefined });

export const RACES: readonly (readonly [name: string, prepare: (arena: Arena) => Promise<Prepared>])[] = [
  ['two approvers at once: one decision', plain(twoApprovers)],
  ['the same person clicks three times: one decision', plain(samePersonTwice)],
  ['approve against deny: one of them, and only that is done', plain(approveAgainstDeny)],
  ['approve against the expiry: one of them', plain(approveAgainstExpiry)],
  ['approve against the end of the alert: nothing is flushed', plain(approveAgainstResolve)],
  ['the same webhook four times at two gateways: one incident', plain(sameWebhookTwice)],
  ['an end against its beginning: one incident, closed', plain(endAgainstBeginning)],
  ['an alert fires again while its incident is closed: one story, open', plain(firesAgainWhileClosing)],
  [
    'somebody resolves while another alert fires: none fires in a closed incident',
    plain(resolvedByHandWhileFiring),
  ],
  ['three workers wake for one step: one flush', plain(twoWorkersOneStep)],
  [
    'two gateways project one message: one post',
    async () => {
      const slack = await startSlack();
      return { race: (arena) => twoProjectors(arena, slack), close: () => slack.stop() };
    },
  ],
  ['a delegation is taken back: the click’s moment counts', plain(delegationRevoked)],
  [
    'a newer catalog takes over: what was begun goes on as it began',
    async (arena) => {
      const newer = await openNewerEngine(arena);
      return { race: (inside) => newerCatalogTakesOver(inside, newer.engine), close: newer.close };
    },
  ],
];

export interface RaceResult {
  readonly name: string;
  readonly rounds: number;
  readonly failures: readonly string[];
}

export async function runRace(
  databases: Databases,
  [name, prepare]: (typeof RACES)[number],
  rounds: number,
  seed: number,
): Promise<RaceResult> {
  const arena = await openArena(databases, seed);
  const prepared = await prepare(arena);
  const failures: string[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      await prepared.race(arena).catch((error: unknown) => {
        failures.push(`round ${round + 1}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  } finally {
    await prepared.close();
    await arena.stop();
  }
  return { name, rounds, failures };
}

export async function races(options: {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}): Promise<boolean> {
  const { rounds, seed, say } = options;
  say(`seed ${seed}; each ${rounds} times`);
  const databases = await openDatabases({ logStatements: false });
  let lost = 0;
  try {
    for (const race of RACES) {
      const begun = performance.now();
      const { name, failures } = await runRace(databases, race, rounds, seed);
      lost += failures.length;
      say(
        `${failures.length === 0 ? 'good  ' : 'FAILED'} ${rounds - failures.length} of ${rounds}  ${((performance.now() - begun) / 1000).toFixed(0)} s  ${name}`,
      );
      for (const failure of failures.slice(0, 5)) say(`    ${failure}`);
    }
  } finally {
    await databases.stop();
  }
  say(`\n${RACES.length} races, ${RACES.length * rounds} rounds, ${lost} failed`);
  return lost === 0;
}
