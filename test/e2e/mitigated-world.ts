/** A small shop whose figures a real Prometheus scrapes, and alerts whose addresses name an expression, as Prometheus writes them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, roots, rootWith } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const SYSTEM = `version: 1
title: Shop
services:
  api: { url: "http://localhost:9", probe: { probe: http, path: /health } }
`;

const runbook = (trigger: string, more: string): string => `version: 1
title: ${trigger} of the shop
triggers: ['alertname="${trigger}"']
${more}
diagnose:
  - health: { title: The API, probe: health, service: api }
recover:
  - by-hand:
      title: Mend it by hand
      steps:
        - look: { title: Look, task: Look at it. }
        - mend: { title: Mend, task: Mend it. }
verify:
  - health: { title: The API answers, probe: health, service: api }
escalate: { after: 5m, to: tech-lead }
`;

const RUNBOOKS = {
  'high-error-rate': runbook('HighErrorRate', ''),
  'disk-space': runbook(
    'DiskSpaceRunningLow',
    'condition: { probe: metrics, service: api, names: [unused_volumes], holds: { value: "> 0" }, says: "{value} unused volumes", mitigates: false }',
  ),
  'unmatched-items': runbook(
    'UnmatchedItems',
    'condition: { probe: metrics, service: api, names: [unmatched_items], holds: { value: "> 10" }, says: "{value} items are unmatched" }',
  ),
};

const RULES = {
  groups: [
    {
      name: 'shop',
      rules: [
        {
          alert: 'HighErrorRate',
          expr: 'max by (service) (errors_percent) > 5',
          labels: { severity: 'critical', system: 'shop' },
        },
        // Of the same name and another system: never this alert's.
        { alert: 'HighErrorRate', expr: 'vector(99)', labels: { system: 'elsewhere' } },
      ],
    },
  ],
};

/** What the API says of itself, and Prometheus scrapes. */
export type Figures = Record<string, number>;

export interface Shop {
  readonly world: World;
  readonly prometheus: PrometheusServer;
  /** Waits until Prometheus has them. */
  set(figures: Figures): Promise<void>;
  /** Where an alert's forged address leads; how often it was asked. */
  readonly forged: { readonly url: string; readonly asked: () => number };
  query<T extends pg.QueryResultRow>(sql: string): Promise<readonly T[]>;
  stop(): Promise<void>;
}

export async function startShop(): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-shop-'));
  writeRunbooks(folder);
  let page = '';
  let asked = 0;
  const api = await serve((path) => (path === '/health' ? '{"status":"healthy"}' : page));
  const other = await serve(() => {
    asked += 1;
    return '{"status":"success","data":{"resultType":"vector","result":[]}}';
  });
  const prometheus = await startPrometheus({
    jobs: { shop: [new URL(api.url).host] },
    ruleFiles: [join(folder, 'rules.json')],
  });
  const database = await testDatabase();
  const world = await startWorld({
    DATABASE_URL: database.url,
    RUNBOOKS_DIR: join(folder, 'runbooks'),
    SHOP_API_URL: api.url,
    PROMETHEUS_URL: prometheus.url,
    CONDITION_EVERY: '1s',
  });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    world,
    prometheus,
    forged: { url: other.url, asked: () => asked },
    async set(figures) {
      page = Object.entries(figures)
        .map(([name, value]) => `${name} ${value}\n`)
        .join('');
      await Promise.all(
        Object.entries(figures).map(([name, value]) =>
          waitFor(`${name} to be ${value}`, 15_000, async () => {
            const answer = await fetch(
              `${prometheus.url}/api/v1/query?query=${encodeURIComponent(`${name} == ${value}`)}`,
            );
            return (await answer.text()).includes('"value"');
          }),
        ),
      );
    },
    query: async (sql) => (await client.query(sql)).rows,
    async stop() {
      await client.end();
      await world.stop();
      await prometheus.stop();
      api.server.close();
      other.server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeRunbooks(folder: string): void {
  const shop = join(folder, 'runbooks', 'shop');
  mkdirSync(shop, { recursive: true });
  writeFileSync(
    join(folder, 'runbooks', 'org.yaml'),
    `version: 1\nroles: { tech-lead: ${PEOPLE.lead.id}, on-call: ${PEOPLE.onCall.id}, duty-officer: "" }\n`,
  );
  writeFileSync(join(shop, 'system.yaml'), SYSTEM);
  for (const [name, text] of Object.entries(RUNBOOKS)) writeFileSync(join(shop, `${name}.yaml`), text);
  // JSON is YAML.
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(RULES));
}

async function serve(
  answer: (path: string) => string,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((req, res) => res.end(answer(req.url ?? '/')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** `generatorURL` as Prometheus writes it, on whatever host. */
export const generator = (host: string, expression: string): string =>
  `${host}/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`;

export interface Opened {
  readonly root: Message;
  readonly labels: Readonly<Record<string, string>>;
  readonly generatorURL: string;
}

export async function openIncident(
  { world }: Shop,
  more: Readonly<Record<string, string>>,
  generatorURL: string,
): Promise<Opened> {
  const labels = { system: 'shop', severity: 'critical', ...more };
  const before = new Set(roots(world.workspace).map(({ ts }) => ts));
  await sendAlerts(world, [{ labels, generatorURL }], `{}:{${JSON.stringify(more)}}`);
  const root = await waitFor('its thread', 15_000, () =>
    roots(world.workspace).find(({ ts, text }) => !before.has(ts) && text.includes(more.alertname ?? '')),
  );
  return { root, labels, generatorURL };
}

/** Somebody does what the runbook says, and clicks Done twice. */
export async function mendByHand({ world: { workspace } }: Shop, { root }: Opened): Promise<void> {
  const diagnosis = await replyWith(workspace, root.ts, '*Diagnosis* · done', 'Recovery');
  const person = workspace.as(PEOPLE.developer.id);
  await person.click(diagnosis.ts, 'Mend it by hand');
  for (const done of ['0 of 2', '1 of 2']) {
    const run = await replyWith(workspace, root.ts, 'Mend it by hand', done, 'waits for a person');
    await person.click(run.ts, 'Done');
  }
  await replyWith(workspace, root.ts, 'Mend it by hand', '2 of 2');
}

export const stateOf = async ({ world }: Shop, { root }: Opened, state: string): Promise<Message> => {
  const name = /INC-\d+/u.exec(root.text)?.[0] ?? '';
  return rootWith(world.workspace, `${name}`, `*${state}*`);
};
