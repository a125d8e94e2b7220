/** The real Alertmanager, wired to a webhook, as fast as it goes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { findProgram, freePort } from './program.ts';
import { type RunningProgram, runProgram } from './run-program.ts';

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** In the past: resolved. */
  readonly endsAt?: string;
}

export interface AlertmanagerServer {
  readonly url: string;
  post(alerts: readonly PostedAlert[]): Promise<void>;
  /** Ends it and starts it again on the same address with what it had stored. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface AlertmanagerOptions {
  readonly webhookUrl: string;
  readonly bearerToken: string;
  /** `alertname`, `system`, `service` unless given; `['...']` groups by every label. */
  readonly groupBy?: readonly string[];
  /** Durations as Alertmanager writes them. */
  readonly groupWait?: string;
  readonly groupInterval?: string;
  readonly repeatInterval?: string;
  /** The webhook body names no more alerts than this and says how many were cut; 0: all. */
  readonly maxAlerts?: number;
}

const START_MS = 20_000;

export async function startAlertmanager(options: AlertmanagerOptions): Promise<AlertmanagerServer> {
  const program = await findProgram('prometheus-alertmanager', 'prometheus-alertmanager');
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-alertmanager-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // JSON is YAML.
  writeFileSync(join(dir, 'alertmanager.yml'), JSON.stringify(configurationOf(options)), { mode: 0o600 });
  const args = [
    `--config.file=${dir}/alertmanager.yml`,
    `--storage.path=${dir}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ];
  const start = (): Promise<RunningProgram> =>
    runProgram(program, { args, deadlineMs: START_MS, ready: () => isReady(url) });
  let running = await start();
  return {
    url,
    post: (alerts) => post(url, alerts),
    async restart() {
      await running.stop();
      running = await start();
    },
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function configurationOf(options: AlertmanagerOptions): object {
  return {
    route: {
      receiver: 'bot',
      group_by: options.groupBy ?? ['alertname', 'system', 'service'],
      group_wait: options.groupWait ?? '50ms',
      group_interval: options.groupInterval ?? '200ms',
      repeat_interval: options.repeatInterval ?? '1s',
    },
    receivers: [
      {
        name: 'bot',
        webhook_configs: [
          {
            url: options.webhookUrl,
            send_resolved: true,
            max_alerts: options.maxAlerts ?? 0,
            http_config: { authorization: { type: 'Bearer', credentials: options.bearerToken } },
          },
        ],
      },
    ],
  };
}

async function isReady(url: string): Promise<boolean> {
  const { statusCode, body } = await request(`${url}/-/ready`);
  await body.dump();
  return statusCode === 200;
}

async function post(url: string, alerts: readonly PostedAlert[]): Promise<void> {
  const { statusCode, body } = await request(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      alerts.map((alert) => ({ generatorURL: 'http://prometheus.invalid/graph', ...alert })),
    ),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`Alertmanager answered ${statusCode}: ${text}`);
}
