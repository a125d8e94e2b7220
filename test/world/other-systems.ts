/** The other four systems as far as their plans look: containers by their names, and the servers that are asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import type Docker from 'dockerode';
import { startMongodbBench } from '../actions/mongodb-bench.ts';
import { startRestoreBench } from '../actions/postgres-restore-bench.ts';
import { startRabbitmq } from '../servers/rabbitmq.ts';
import { IMAGES } from './images.ts';

const QUEUE = 'mari-tx-events';
const WAITING = 5;

/** By Compose project. */
const CONTAINERS: Readonly<Record<string, readonly string[]>> = {
  'mari-server': ['mari-server', 'mari-mongodb', 'mari-rabbitmq'],
  'mock-bank-hsm': ['mock-bank-hsm'],
  'mari-sentinel': ['sentinel-inference', 'sentinel-trainer', 'sentinel-redis'],
  'market-data': ['api', 'serving', 'mlflow', 'db', 'kafka', 'modeling', 'ingestion'].map(
    (name) => `market-data-${name}-1`,
  ),
  dbis_core: ['dbis_core-app-1', 'dbis_core-postgres-1'],
  infra: ['shared-mongo', 'shared-prometheus', 'llm-api', 'grafana', 'loki'],
};

export interface OtherSystems {
  readonly env: Readonly<Record<string, string>>;
  /** What is in their databases and folders: equal as long as nothing was changed. */
  state(): Promise<unknown>;
  stop(): Promise<void>;
}

/** `appUrl`: where anything answers HTTP; a plan of a call only looks whether it does. */
export async function startOtherSystems(docker: Docker, appUrl: string): Promise<OtherSystems> {
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-systems-'));
  const [postgres, mongodb, rabbitmq] = await Promise.all([
    startRestoreBench(),
    startMongodbBench(),
    startRabbitmq(),
  ]);
  await postgres.fill();
  mongodb.fill();
  const amqp = await connect(rabbitmq.url);
  const channel = await amqp.createConfirmChannel();
  await channel.assertQueue(QUEUE);
  for (let n = 0; n < WAITING; n += 1) channel.sendToQueue(QUEUE, Buffer.from(`transaction ${n}`));
  await channel.waitForConfirms();
  for (const [project, names] of Object.entries(CONTAINERS))
    for (const name of names) await startContainer(docker, project, name);
  const programs = writePrograms(folder);
  const compose = join(folder, 'docker-compose.yaml');
  writeFileSync(compose, JSON.stringify({ version: '2.4', services: { api: { image: IMAGES.plain } } }));
  return {
    env: {
      PATH: `${programs}:${process.env.PATH ?? ''}`,
      MARI_MARI_SERVER_URL: 'http://127.0.0.1:1',
      MARI_MONGODB_URL: mongodb.server.url.replace(/(:\d+)\/[^?]*/u, '$1/mari'),
      MARI_RABBITMQ_URL: rabbitmq.url,
      MARKET_DATA_POSTGRES_URL: postgres.url,
      DBIS_CORE_POSTGRES_URL: postgres.url,
      DBIS_CORE_APP_URL: appUrl,
      MARKET_DATA_COMPOSE_FILE: compose,
      DBIS_CORE_API_TOKEN: 'api-token-for-tests',
      BUTLER_MONGODB_URL: mongodb.server.url,
      BACKUP_DIR: postgres.backupDir,
      MARKET_DATA_DIR: folder,
      DBIS_CORE_DIR: folder,
      BUTLER_DIR: folder,
    },
    async state() {
      return {
        files: postgres.files(),
        beside: await postgres.beside(),
        oid: await postgres.oid(),
        rows: await postgres.query('select count(*) from payments'),
        messages: (await channel.checkQueue(QUEUE)).messageCount,
      };
    },
    async stop() {
      await amqp.close();
      await Promise.all([postgres.stop(), mongodb.stop(), rabbitmq.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startContainer(docker: Docker, project: string, name: string): Promise<void> {
  const made = await docker.createContainer({
    name,
    Image: IMAGES.plain,
    Cmd: ['sleep', '3600'],
    Labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': name },
    HostConfig: { NetworkMode: 'none' },
  });
  await made.start();
}

/** A plan only looks whether they are there. */
function writePrograms(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['make', 'npm', 'poetry'])
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return bin;
}
