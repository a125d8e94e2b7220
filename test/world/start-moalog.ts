/** A small moalog of real containers on an engine of its own, and the bot that looks after it. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { startWorld, type World } from '../e2e/bot.ts';
import { startOwnDocker } from '../servers/docker.ts';
import { startKafka } from '../servers/kafka.ts';
import { testDatabase } from '../servers/postgres.ts';
import { findProgram } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { choosePorts, composeFile, type Ports, PROJECT, SERVICES, type Service } from './compose-file.ts';
import { importImages, MYSQL } from './images.ts';

const run = promisify(execFile);
const REDIS_PASSWORD = 'redis-password-for-tests';

export interface Moalog {
  readonly docker: Docker;
  /** The stack's folder, with its Compose file, its `.env` and its programs. */
  readonly folder: string;
  /** Targets and places, as the bot and the terminal read them. */
  readonly env: Readonly<Record<string, string>>;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

/** Makes the images, and starts the whole stack with the Compose program. */
export async function startMoalog(): Promise<Moalog> {
  const [engine, kafka, database, compose, ports] = await Promise.all([
    startOwnDocker(),
    startKafka(1, 'fluxpay'),
    testDatabase(),
    findProgram('docker-compose', 'docker-compose'),
    choosePorts(),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-moalog-'));
  const stop = async (): Promise<void> => {
    // An engine that ends gives each container its grace, one that is asked to remove it by force none.
    const containers = await engine.docker.listContainers({ all: true });
    await Promise.all(containers.map(({ Id }) => engine.docker.getContainer(Id).remove({ force: true })));
    await engine.stop();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await importImages(engine.docker);
    const behind = { postgres: Number(new URL(database.url).port), kafka: portOf(kafka.url) };
    writeStack(folder, composeFile(ports, behind));
    const env = environment(folder, engine.host, ports, database.url);
    await run(compose, ['-p', PROJECT, '-f', env.MOALOG_COMPOSE_FILE ?? '', 'up', '-d'], {
      cwd: folder,
      env: { ...process.env, DOCKER_HOST: engine.host },
    });
    return { docker: engine.docker, folder, env, redisUrl: env.MOALOG_REDIS_URL ?? '', stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface CaredFor extends Moalog {
  readonly world: World;
}

/** The same, with the bot in its own process and a workspace. */
export async function startCaredFor(more: Readonly<Record<string, string>> = {}): Promise<CaredFor> {
  const [moalog, queue, database] = await Promise.all([startMoalog(), startRedis(), testDatabase()]);
  const env = {
    ...moalog.env,
    DATABASE_URL: database.url,
    REDIS_URL: queue.url,
    ...more,
  };
  const world = await startWorld(env).catch(async (error: unknown) => {
    await moalog.stop();
    throw error;
  });
  return {
    ...moalog,
    world,
    async stop() {
      await world.stop();
      await Promise.all([queue.stop(), moalog.stop()]);
    },
  };
}

const portOf = (url: string): number => Number(/:(\d+)$/u.exec(url)?.[1]);

function writeStack(folder: string, compose: string): void {
  mkdirSync(join(folder, 'load-tests'));
  writeFileSync(join(folder, 'docker-compose.yaml'), compose);
  writeFileSync(join(folder, '.env'), `REDIS_PASSWORD=${REDIS_PASSWORD}\n`);
  const seed = '#!/bin/sh\necho "3 rooms, 12 retrospects" | tee -a seeded\n';
  writeFileSync(join(folder, 'load-tests', 'setup-test-data.sh'), seed, { mode: 0o755 });
}

function environment(folder: string, dockerHost: string, ports: Ports, postgresUrl: string) {
  const postgres = new URL(postgresUrl);
  postgres.port = String(ports.get('postgres'));
  const { user, password, database } = MYSQL;
  const special: Partial<Record<Service, string>> = {
    redis: `redis://:${REDIS_PASSWORD}@127.0.0.1:${ports.get('redis')}`,
    mysql: `mysql://${user}:${password}@127.0.0.1:${ports.get('mysql')}/${database}`,
    postgres: postgres.href,
    kafka: `kafka://127.0.0.1:${ports.get('kafka')}`,
  };
  const urls = SERVICES.filter((service) => service !== 'fluxpay-zookeeper').map((service) => [
    `MOALOG_${service.toUpperCase().replaceAll('-', '_')}_URL`,
    special[service] ?? `http://127.0.0.1:${ports.get(service)}`,
  ]);
  const env: Record<string, string> = {
    ...Object.fromEntries(urls),
    MOALOG_DOCKER_HOST: dockerHost,
    MOALOG_COMPOSE_FILE: join(folder, 'docker-compose.yaml'),
    MOALOG_DIR: folder,
    REDIS_PASSWORD,
  };
  return env;
}
