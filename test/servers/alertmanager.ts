/** The real Alertmanager, wired to a webhook, as fast as it goes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { findProgram, freePort, waitFor } from './program.ts';

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** In the past: resolved. */
  readonly endsAt?: string;
}

export interface AlertmanagerServer {
  readonly url: string;
  post(alerts: readonly PostedAlert[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startAlertmanager(options: {
  readonly webhookUrl: string;
  readonly bearerToken: string;
  readonly groupBy?: readonly string[];
}): Promise<AlertmanagerServer> {
  const program = await findProgram('prometheus-alertmanager', 'prometheus-alertmanager');
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-alertmanager-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(dir, 'alertmanager.yml'),
    JSON.stringify({
      route: {
        receiver: 'bot',
        group_by: options.groupBy ?? ['alertname', 'system', 'service'],
        group_wait: '50ms',
        group_interval: '200ms',
        repeat_interval: '1s',
      },
      receivers: [
        {
          name: 'bot',
          webhook_configs: [
            {
              url: options.webhookUrl,
              send_resolved: true,
              http_config: { authorization: { type: 'Bearer', credentials: options.bearerToken } },
            },
          ],
        },
      ],
    }),
  );
  const args = [
    `--config.file=${dir}/alertmanager.yml`,
    `--storage.path=${dir}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ];
  const child: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  await waitFor('Alertmanager', 20_000, async () => {
    const { statusCode, body } = await request(`${url}/-/ready`);
    await body.dump();
    return statusCode === 200;
  });
  return {
    url,
    async post(alerts) {
      const { statusCode, body } = await request(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          alerts.map((alert) => ({ generatorURL: 'http://prometheus.invalid/graph', ...alert })),
        ),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`Alertmanager answered ${statusCode}: ${text}`);
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
