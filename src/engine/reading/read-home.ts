/** What App Home says: the same for everybody, and what waits for this person. */
import { judge } from '../../domain/decide.ts';
import { rulesOf } from '../../domain/organisation.ts';
import { dbNow } from '../../journal/clock.ts';
import type { CheckResult } from '../../journal/health.ts';
import { readIncident } from '../../journal/incidents.ts';
import type { Tx } from '../../journal/open-journal.ts';
import {
  type Halt,
  type OpenIncident,
  type Place,
  type RunningStep,
  readAllHealth,
  readHalt,
  readOpenIncidents,
  readPlacesOf,
  readRunningSteps,
  type ServiceState,
} from '../../journal/overview.ts';
import { openRequests, type RequestRow } from '../../journal/requests.ts';
import { viewRequest } from '../changes/view-request.ts';
import { askLines } from '../checks/ask-more.ts';
import { type Person, powersIn, whoIs } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';

const INCIDENTS_SHOWN = 25;
const STEPS_SHOWN = 15;

export interface Overview {
  readonly now: Date;
  readonly halt: Halt | null;
  readonly health: readonly ServiceState[];
  readonly incidents: { readonly shown: readonly OpenIncident[]; readonly total: number };
  readonly running: readonly RunningStep[];
  readonly requests: readonly OpenRequest[];
  /** Checks with a line of their own, of every system. */
  readonly lines: readonly (CheckResult & { readonly system: string })[];
}

interface OpenRequest {
  readonly request: RequestRow;
  readonly incidentId: number | null;
  readonly place: Place | null;
  readonly root: Place | null;
}

export interface Home extends Overview {
  readonly person: string;
  /** What this person may approve now. */
  readonly mine: readonly OpenRequest[];
}

export async function readOverview(engine: Engine): Promise<Overview> {
  const { pool } = engine.journal;
  const requests = await openRequests(pool);
  const places = await readPlacesOf(
    pool,
    requests.map(({ stepId }) => stepId),
  );
  return {
    now: await dbNow(pool),
    halt: await readHalt(pool),
    health: await readAllHealth(pool),
    incidents: await readOpenIncidents(pool, INCIDENTS_SHOWN),
    running: await readRunningSteps(pool, STEPS_SHOWN),
    lines: await readLines(engine),
    requests: requests.map((request) => ({
      request,
      ...(places.get(request.stepId) ?? { incidentId: null, place: null, root: null }),
    })),
  };
}

async function readLines(engine: Engine): Promise<Overview['lines']> {
  const all = engine.catalog.systems.map(async (system) =>
    (await askLines(engine, system)).map(({ title, result }) => ({ system: system.name, title, result })),
  );
  return (await Promise.all(all)).flat();
}

/** By the one rule of decisions. While everything is halted nobody may approve anything. */
export async function readHome(engine: Engine, overview: Overview, person: string): Promise<Home> {
  const { halt, requests } = overview;
  const { pool } = engine.journal;
  const mine: OpenRequest[] = [];
  if (halt === null && requests.length > 0) {
    const who = await whoIs(engine, person);
    for (const open of requests) if (await mayApprove(engine, pool, open, who, overview.now)) mine.push(open);
  }
  return { ...overview, person, mine };
}

async function mayApprove(
  engine: Engine,
  tx: Tx,
  { request, incidentId }: OpenRequest,
  who: Person,
  now: Date,
): Promise<boolean> {
  const incident = incidentId === null ? null : await readIncident(tx, incidentId);
  const view = viewRequest(engine, request, incident);
  const person = await powersIn(engine, tx, who, incidentId);
  return judge(view, person, 'approve', now, rulesOf(engine.catalog.organisation)).allowed;
}
