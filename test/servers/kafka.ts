/** librdkafka's own mock cluster, which speaks Kafka's real protocol (librdkafka, `rdkafka_mock.h`). */
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Debian's interpreter: the one that finds Debian's modules. */
const PYTHON = '/usr/bin/python3';
const PACKAGE = 'python3-confluent-kafka';
const INSTALL_MS = 600_000;

export interface KafkaCluster {
  /** `kafka://host:port,host:port` */
  readonly url: string;
  /** Where `group` stands in `topic`: three of eight messages consumed. */
  readonly topic: string;
  readonly group: string;
  readonly lag: number;
  stop(): Promise<void>;
}

export async function startKafka(brokers = 1, group = 'engine'): Promise<KafkaCluster> {
  await findModule();
  const program = fileURLToPath(new URL('./kafka-cluster.py', import.meta.url));
  const child = spawn(PYTHON, [program, String(brokers), group], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the Kafka cluster ended with ${code}`)));
  });
  const told = JSON.parse(line) as { brokers: string[]; topic: string; group: string; lag: number };
  return {
    ...told,
    url: `kafka://${told.brokers.join(',')}`,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function findModule(): Promise<void> {
  const there = () =>
    run(PYTHON, ['-c', 'import confluent_kafka']).then(
      () => true,
      () => false,
    );
  if (await there()) return;
  if (process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { env, timeout: INSTALL_MS, maxBuffer: 64 * 1024 * 1024 };
    await run('apt-get', ['update'], options);
    await run('apt-get', ['install', '-y', '--no-install-recommends', PACKAGE], options);
    if (await there()) return;
  }
  throw new Error(`Python’s confluent_kafka is missing: install it, e.g. sudo apt-get install ${PACKAGE}`);
}
