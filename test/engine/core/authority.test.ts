import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RULES, type Organisation } from '../../../src/domain/organisation.ts';
import type { PersonKind } from '../../../src/domain/person.ts';
import { isTechLead, powersIn, roleOf, whoIs } from '../../../src/engine/core/authority.ts';
import { delegate, revokeDelegations } from '../../../src/engine/core/delegate.ts';
import type { Engine } from '../../../src/engine/core/engine.ts';
import { insertEscalation } from '../../../src/journal/escalations.ts';
import { makeEngine } from '../../faults/races/arena.ts';
import { testDatabase } from '../../servers/postgres.ts';

const RUNBOOKS = fileURLToPath(new URL('../../../runbooks/', import.meta.url));
const HOUR_MS = 3_600_000;
const [LEAD, SECOND, ANNA, BEN] = ['ULEAD', 'USECOND', 'UANNA', 'UBEN'];

describe('what somebody may do now', () => {
  const ending = new AbortController();
  const kinds = new Map<string, PersonKind>();
  const groups = new Map<string, readonly string[]>();
  let made: Engine;
  /** Takes away what no use case may. */
  let superuser: pg.Client;
  let organisation: Organisation;

  const engine = (): Engine => ({
    ...made,
    catalog: { ...made.catalog, organisation },
    directory: {
      person: async (id) => kinds.get(id) ?? 'member',
      groupMembers: async (id) => groups.get(id) ?? null,
    },
  });
  const rotation = (people: readonly string[]): Organisation => ({
    techLead: [LEAD, SECOND],
    onCall: [],
    dutyOfficer: [],
    rules: {
      ...DEFAULT_RULES,
      rotation: {
        timeZone: 'UTC',
        starts: '2020-01-06T00:00',
        everyDays: 364,
        people,
        overrides: [{ from: new Date(0), to: new Date('2200-01-01'), person: ANNA }],
        backup: null,
      },
    },
  });
  const powers = async (id: string, incident: number | null = null) =>
    powersIn(engine(), made.journal.pool, await whoIs(engine(), id), incident);

  beforeAll(async () => {
    const { url, superuserUrl } = await testDatabase();
    superuser = new pg.Client({ connectionString: superuserUrl });
    await superuser.connect();
    made = await makeEngine('who', url, { url: 'redis://127.0.0.1:1' }, ending.signal, RUNBOOKS);
    await made.journal.pool.query(
      `insert into incidents (id, alertname, severity, state, group_key) select n, 'A', 'warning', 'firing', 'g' || n from generate_series(1, 9) n`,
    );
  });
  afterAll(async () => {
    ending.abort();
    await made.journal.close();
    await superuser.end();
  });
  beforeEach(async () => {
    kinds.clear();
    groups.clear();
    organisation = rotation([ANNA, BEN]);
    await superuser.query('delete from delegations');
  });

  it.each(['guest', 'bot', 'deactivated', 'foreign', 'unknown'] as const)(
    'a %s has no role, whatever org.yaml says',
    async (kind) => {
      kinds.set(LEAD, kind);
      expect(await powers(LEAD)).toEqual({ id: LEAD, kind, roles: [], delegations: [] });
      expect(await isTechLead(engine(), LEAD)).toBe(false);
      expect(await roleOf(engine(), LEAD)).toBeNull();
    },
  );

  it('a role of a group is that of whoever is in it at this moment', async () => {
    organisation = { ...organisation, techLead: ['SLEADS'] };
    expect(await isTechLead(engine(), BEN)).toBe(false);
    groups.set('SLEADS', [BEN]);
    expect(await isTechLead(engine(), BEN)).toBe(true);
  });

  const lend = (by: string) => delegate(engine(), { givenBy: by, person: ANNA, ms: HOUR_MS, system: null });
  const lent = async () => (await powers(ANNA)).delegations.map(({ givenBy }) => givenBy);

  it('a delegation is good while its giver is an active tech lead, and comes back with them', async () => {
    expect(await lend(LEAD)).toBeNull();
    expect(await lent()).toEqual([LEAD]);
    kinds.set(LEAD, 'deactivated');
    expect(await lent()).toEqual([]);
    kinds.set(LEAD, 'member');
    organisation = { ...organisation, techLead: [SECOND] };
    expect(await lent()).toEqual([]);
    organisation = { ...organisation, techLead: [LEAD, SECOND] };
    expect(await lent()).toEqual([LEAD]);
  });

  it('a delegation that only a row speaks of lends nothing', async () => {
    await made.journal.pool.query(
      `insert into delegations (person, given_by, ends_at) values ($1, $2, now() + interval '1 hour')`,
      [ANNA, SECOND],
    );
    expect(await lent()).toEqual([]);
  });

  it('a delegation whose row was made longer, wider or live again lends nothing', async () => {
    const change = (set: string) => made.journal.pool.query(`update delegations set ${set}`);
    await lend(LEAD);
    await change(`ends_at = ends_at + interval '1 day'`);
    expect(await lent()).toEqual([]);
    await change(`ends_at = ends_at - interval '1 day', system = 'mari'`);
    expect(await lent()).toEqual([]);
    await change('system = null');
    expect(await lent()).toEqual([LEAD]);
    await revokeDelegations(engine(), SECOND, ANNA);
    await change('revoked_at = null');
    expect(await lent()).toEqual([]);
  });

  it('a backup who was called is on call in that incident while the rotation names them', async () => {
    await insertEscalation(made.journal.pool, {
      surface: 'incident',
      subject: 1,
      incidentId: 1,
      runId: null,
      level: 2,
      call: { role: 'backup', people: [BEN] },
      next: null,
      nextInMs: 0,
      pages: false,
    });
    expect((await powers(BEN, 1)).roles).toEqual(['on-call']);
    expect((await powers(BEN, 2)).roles).toEqual([]);
    expect((await powers(BEN)).roles).toEqual([]);
    organisation = rotation([ANNA, 'UCLEO']);
    expect((await powers(BEN, 1)).roles).toEqual([]);
  });
});
