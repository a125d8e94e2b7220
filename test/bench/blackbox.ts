/** Prometheus's own prober, with one module that asks for a page. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { findProgram, freePort } from '../servers/program.ts';
import { runProgram } from '../servers/run-program.ts';

const START_MS = 20_000;

export interface BlackboxExporter {
  readonly url: string;
  stop(): Promise<void>;
}

/** `timeoutMs`: of each probe. */
export async function startBlackbox(timeoutMs: number): Promise<BlackboxExporter> {
  const program = await findProgram('prometheus-blackbox-exporter', 'prometheus-blackbox-exporter');
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-blackbox-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const configuration = { modules: { http: { prober: 'http', timeout: `${timeoutMs}ms` } } };
  writeFileSync(join(dir, 'blackbox.yml'), JSON.stringify(configuration));
  const running = await runProgram(program, {
    args: [
      `--config.file=${dir}/blackbox.yml`,
      `--web.listen-address=127.0.0.1:${port}`,
      // Else it takes half a second off each probe's timeout, for the way to Prometheus.
      '--timeout-offset=0',
      '--log.level=error',
    ],
    deadlineMs: START_MS,
    ready: async () => {
      const answer = await request(`${url}/-/healthy`).catch(() => null);
      await answer?.body.dump();
      return answer?.statusCode === 200;
    },
  });
  return {
    url,
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
