/** librdkafka's own mock cluster, which speaks Kafka's real protocol (librdkafka, `rdkafka_mock.h`). */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findProgram } from './program.ts';

/** Debian's interpreter: the one that finds Debian's modules. */
const PYTHON = '/usr/bin/python3';

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
  await findProgram('/usr/lib/python3/dist-packages/confluent_kafka', 'python3-confluent-kafka');
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
