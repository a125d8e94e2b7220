/** The real Prometheus, scraping what it is told to, every second. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { findProgram, freePort } from './program.ts';
import { runProgram } from './run-program.ts';

const START_MS = 30_000;

export interface PrometheusServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** Job name → `host:port`s; the job `prometheus`, itself, is always there. */
  readonly jobs?: Readonly<Record<string, readonly string[]>>;
  /** `host:port` of an Alertmanager. */
  readonly alertmanager?: string;
  readonly ruleFiles?: readonly string[];
}

export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  const program = await findProgram('prometheus', 'prometheus');
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-prometheus-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const jobs = { prometheus: [`127.0.0.1:${port}`], ...options.jobs };
  // JSON is YAML.
  const configuration = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: Object.entries(jobs).map(([name, targets]) => ({
      job_name: name,
      static_configs: [{ targets }],
    })),
    rule_files: options.ruleFiles ?? [],
    ...(options.alertmanager === undefined
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: [options.alertmanager] }] }] } }),
  };
  writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify(configuration));
  const running = await runProgram(program, {
    args: [
      `--config.file=${dir}/prometheus.yml`,
      `--storage.tsdb.path=${dir}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    deadlineMs: START_MS,
    ready: () => isReady(url),
  });
  return {
    url,
    port,
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await request(`${url}/-/ready`).catch(() => null);
  await answer?.body.dump();
  return answer?.statusCode === 200;
}
