import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Databases, openDatabases } from './database.ts';
import { RACES, runRace } from './races/races.ts';

/** `npm run faults races` runs each 200 times. */
const ROUNDS = 10;
const SEED = 20_260_110;

describe('races, forced', () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await openDatabases({ logStatements: false });
  });
  afterAll(() => databases?.stop());

  it.each(RACES.map((race) => [race[0], race] as const))('%s', async (_, race) => {
    const { failures } = await runRace(databases, race, ROUNDS, SEED);
    expect(failures).toEqual([]);
  });
});
