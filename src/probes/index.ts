/** Every kind of probe, listed once: the composition root, lint and the contract suite read this table. */
import type { ProbeKind } from '../domain/probe.ts';
import { disk } from './disk.ts';
import { dockerContainer } from './docker-container.ts';
import { dockerDf } from './docker-df.ts';
import { dockerEnv } from './docker-env.ts';
import { dockerLogs } from './docker-logs.ts';
import { dockerPs } from './docker-ps.ts';
import { dockerStats } from './docker-stats.ts';
import { fileAge } from './file-age.ts';
import { http } from './http.ts';
import { kafkaBrokers } from './kafka-brokers.ts';
import { kafkaLag } from './kafka-lag.ts';
import { llmCompletion } from './llm-completion.ts';
import { lokiQuery } from './loki-query.ts';
import { metrics } from './metrics.ts';
import { mongodbPing } from './mongodb-ping.ts';
import { mongodbStatus } from './mongodb-status.ts';
import { mysqlPing } from './mysql-ping.ts';
import { postgresConnections } from './postgres-connections.ts';
import { postgresPing } from './postgres-ping.ts';
import { postgresQuery } from './postgres-query.ts';
import { prometheusQuery } from './prometheus-query.ts';
import { prometheusTargets } from './prometheus-targets.ts';
import { rabbitmqManagement } from './rabbitmq-management.ts';
import { rabbitmqQueue } from './rabbitmq-queue.ts';
import { llmHealth, lokiReady, prometheusReady } from './ready.ts';
import { redisConfig } from './redis-config.ts';
import { redisInfoKind } from './redis-info.ts';
import { redisKeyspace } from './redis-keyspace.ts';
import { redisPing } from './redis-ping.ts';
import { tls } from './tls.ts';

const KINDS: readonly ProbeKind[] = [
  http,
  metrics,
  redisPing,
  redisInfoKind,
  redisConfig,
  redisKeyspace,
  mysqlPing,
  postgresPing,
  postgresConnections,
  postgresQuery,
  mongodbPing,
  mongodbStatus,
  rabbitmqQueue,
  rabbitmqManagement,
  kafkaBrokers,
  kafkaLag,
  dockerContainer,
  dockerStats,
  dockerDf,
  dockerLogs,
  dockerEnv,
  dockerPs,
  prometheusReady,
  prometheusTargets,
  prometheusQuery,
  lokiReady,
  lokiQuery,
  tls,
  llmHealth,
  llmCompletion,
  disk,
  fileAge,
];

/** By the name used in YAML. */
export const probeKinds: ReadonlyMap<string, ProbeKind> = new Map(KINDS.map((kind) => [kind.name, kind]));
