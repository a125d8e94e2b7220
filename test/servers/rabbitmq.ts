/** A real RabbitMQ with its management API, on ports and with data of its own. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { findProgram, freePort } from './program.ts';
import { runProgram } from './run-program.ts';

const START_MS = 110_000;
const OWN_SCRIPT = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export interface RabbitmqServer {
  readonly url: string;
  readonly port: number;
  readonly managementPort: number;
  stop(): Promise<void>;
}

export async function startRabbitmq(): Promise<RabbitmqServer> {
  const found = await findProgram('rabbitmq-server', 'rabbitmq-server');
  // Debian's wrapper on PATH wants to be another user; the server's own script does not.
  const program = existsSync(OWN_SCRIPT) ? OWN_SCRIPT : found;
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-rabbitmq-'));
  const [port, managementPort, distributionPort] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(
    join(dir, 'rabbitmq.conf'),
    [
      `listeners.tcp.local = 127.0.0.1:${port}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${managementPort}`,
      'management.rates_mode = basic',
      'collect_statistics_interval = 500',
      '',
    ].join('\n'),
  );
  writeFileSync(join(dir, 'plugins'), '[rabbitmq_management].\n');
  const node = `test-${randomBytes(4).toString('hex')}@localhost`;
  const env = {
    HOME: dir,
    RABBITMQ_NODENAME: node,
    RABBITMQ_BASE: dir,
    RABBITMQ_MNESIA_BASE: join(dir, 'data'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'plugins'),
    RABBITMQ_PID_FILE: join(dir, 'pid'),
    RABBITMQ_DIST_PORT: String(distributionPort),
    // No port mapper that would stay: the node is told where it is, and nobody else needs to know.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-start_epmd false -erl_epmd_port ${distributionPort} -kernel inet_dist_use_interface {127,0,0,1}`,
    RABBITMQ_CTL_ERL_ARGS: `-start_epmd false -erl_epmd_port ${distributionPort}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
  const running = await runProgram(program, {
    args: [],
    env,
    deadlineMs: START_MS,
    ready: () => answers(managementPort),
  });
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    port,
    managementPort,
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` };
  const answer = await request(`http://127.0.0.1:${port}/api/overview`, { headers }).catch(() => null);
  await answer?.body.dump();
  return answer?.statusCode === 200;
}
