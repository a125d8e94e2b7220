/** Everything made and wired, in the order in which it is needed; ended in the opposite one. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { createActionKinds } from './actions/index.ts';
import { formatProblem, loadCatalog } from './catalog/load.ts';
import { sendPage } from './clients/paging.ts';
import { type Config, ConfigError, type Env } from './config.ts';
import { createRedact } from './domain/redact.ts';
import { allChannels } from './engine/core/channels.ts';
import type { Engine } from './engine/core/engine.ts';
import { paceDiagnoses } from './engine/incidents/pace-diagnoses.ts';
import { startDiagnosis } from './engine/incidents/start-diagnosis.ts';
import { readFileAges } from './engine/reading/read-file-ages.ts';
import { choresOf } from './engine/upkeep/chores.ts';
import { followChore } from './engine/upkeep/follow-chore.ts';
import { headsChore } from './engine/upkeep/heads-chore.ts';
import { healthChore } from './engine/upkeep/health-chore.ts';
import { keepChores } from './engine/upkeep/keep-chore.ts';
import { retentionChore } from './engine/upkeep/retention.ts';
import { createAlertmanagerWebhook } from './http/alertmanager-webhook.ts';
import { confirmSns } from './http/alerts/confirm-sns.ts';
import { createMetrics } from './http/metrics.ts';
import { type HttpServer, openServer, type Routes, STARTING } from './http/open-server.ts';
import { heartbeatChore } from './http/send-heartbeat.ts';
import { fitsKey, WRONG_KEY, whyTampered } from './journal/audit-chain.ts';
import { dbNow } from './journal/clock.ts';
import { compareHeads, headPlaces } from './journal/head-places.ts';
import type { Journal } from './journal/open-journal.ts';
import { openLastHandler } from './last-handler.ts';
import { keepSecret } from './local/keep-secret.ts';
import { openLocalParts } from './local/open-local-parts.ts';
import { keysBefore, openOwnJournal } from './open-own-journal.ts';
import { openDrawing } from './pictures/open-drawing.ts';
import { probeKinds } from './probes/index.ts';
import { queryAlert, rulesNamed } from './probes/prometheus-alerts.ts';
import { queryRange } from './probes/prometheus-range.ts';
import { checkQueueRedis } from './queue/check-redis.ts';
import { openQueues } from './queue/open-queues.ts';
import { createSilencer } from './queue/silencer.ts';
import { createHandler } from './queue/work.ts';
import { OWN_VOLUMES, readSelf } from './self-identity.ts';
import { createAnswerPerson } from './slack/answer-person.ts';
import { createBudget } from './slack/budget.ts';
import { createDirectory } from './slack/directory.ts';
import { homesChore } from './slack/home/publish-homes.ts';
import { openBolt } from './slack/open-bolt.ts';
import { picturesChore } from './slack/pictures/draw-wanted.ts';
import { openProjector, type Projector } from './slack/projector/open-projector.ts';
import { rateOf } from './slack/projector/pace.ts';
import { createSlackPort } from './slack/slack-client.ts';

export interface Bot {
  readonly server: HttpServer;
  /** What to read first, in local mode. */
  readonly firstWords: readonly string[];
  stop(): Promise<void>;
}

const LEASE_MS = 10_000;
const PING_MS = 2000;

interface UnderWay {
  acting: () => number;
}

const STOP_MS = 8000;
const LONGEST_ACTION_MS = 10 * 60_000;

/** A stop takes eight seconds at most; an action under way is let finish, within its own timeout. */
async function patience(underWay: UnderWay): Promise<void> {
  await sleep(STOP_MS);
  for (let waited = 0; underWay.acting() > 0 && waited < LONGEST_ACTION_MS; waited += 100) await sleep(100);
}

/** @throws ConfigError when something configured can't work; anything else is a fault. */
export async function startBot(config: Config, env: Env): Promise<Bot> {
  const stopping = new AbortController();
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const underWay: UnderWay = { acting: () => 0 };
  const stop = async (): Promise<void> => {
    stopping.abort();
    const closing = (async () => {
      for (const close of closers.reverse()) await Promise.resolve(close()).catch(() => undefined);
    })();
    await Promise.race([closing, patience(underWay)]);
  };
  try {
    return await wire(config, env, stopping.signal, closers, stop, underWay);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function wire(
  config: Config,
  env: Env,
  signal: AbortSignal,
  closers: (() => Promise<unknown> | unknown)[],
  stop: () => Promise<void>,
  underWay: UnderWay,
): Promise<Bot> {
  const bootLog = pino({ level: config.logLevel, serializers: { err: sayError } }, pino.destination(2));
  const routes: Routes = {
    slack: null,
    alertmanager: null,
    workspace: null,
    readiness: async () => STARTING,
    metrics: null,
  };
  const server = await listen(config, routes, bootLog);
  closers.push(() => server.close());
  const local = await openLocalParts(config, env, () => server.port, bootLog, signal);
  closers.push(() => local.stop());
  routes.workspace = local.workspace;

  const actionKinds = createActionKinds({ undoMaxBytes: config.undoMaxBytes });
  const loaded = await loadCatalog(config.runbooksDir, local.env, {
    probeKinds,
    actionKinds,
    sandboxOnly: local.sandboxOnly,
    defaultEnvironment: config.environment,
  });
  if ('problems' in loaded) {
    throw new ConfigError(loaded.problems.map(formatProblem));
  }
  const { catalog } = loaded;
  const auditKey = config.auditKey ?? keepSecret(config.dataDir, 'audit.key');
  const auditKeysBefore = keysBefore(config);
  const names = new Set(
    catalog.systems.flatMap((system) => [system.name, ...system.services.map((s) => s.name)]),
  );
  const keys = [auditKey, ...auditKeysBefore];
  const secrets = [...config.secrets, ...catalog.secrets, ...local.secrets, ...keys];
  const redact = createRedact(
    secrets.filter((s) => !names.has(s)),
    names,
  );
  const log = pino(
    {
      level: config.logLevel,
      serializers: { err: sayError },
      hooks: { streamWrite: (line) => redact(line) },
    },
    pino.destination(2),
  );

  const last = openLastHandler(log, () => void stop().finally(() => process.exit(1)));
  closers.push(() => last.close());
  if (config.redisUrl !== null) {
    const problem = await checkQueueRedis(config.redisUrl, signal);
    if (problem !== null) throw new ConfigError([problem]);
  }
  const journal = await openOwnJournal(config, local, (error) =>
    log.warn({ err: error }, 'a journal connection broke'),
  );
  closers.push(() => journal.close());
  const places = headPlaces(config.auditHeadFile, config.auditHeadUrl);
  await compareHeads(journal, places);
  if (!(await fitsKey(journal.pool, auditKey))) {
    throw new ConfigError([WRONG_KEY]);
  }
  const queues = openQueues(
    config.redisUrl === null
      ? { databaseUrl: local.databaseUrl, role: journal.role, schema: config.databaseSchema }
      : { redisUrl: config.redisUrl },
    log,
  );
  closers.push(() => queues.close());

  const slack = createSlackPort({ token: local.slack.botToken, apiUrl: local.slack.apiUrl, redact });
  const directory = createDirectory(slack);
  const { paging } = config;
  let projector: Projector | null = null;
  const engine: Engine = {
    journal,
    auditKey,
    catalog,
    probeKinds,
    actionKinds,
    directory,
    self: await readSelf(config.redisUrl, journal.pool, OWN_VOLUMES),
    settings: { ...config, auditKeysBefore, leaseMs: LEASE_MS },
    worker: `${hostname()}/${process.pid}/${randomBytes(3).toString('hex')}`,
    redact,
    log,
    signal,
    waker: queues.waker,
    silencer: createSilencer(),
    prometheus: { series: queryAlert, rules: rulesNamed },
    ...(paging === null ? {} : { pager: { send: (page, aborted) => sendPage(paging, page, aborted) } }),
    poke: (channels) => projector?.poke(channels),
    diagnose: (due) => diagnoses.add(due),
    projects: (channel) => projector?.projects(channel) ?? false,
  };
  const diagnoses = paceDiagnoses(async (id) => {
    await startDiagnosis(engine, id).catch((error: unknown) =>
      log.warn({ err: error, incident: id }, 'a diagnosis did not begin; the reconciler begins it'),
    );
  }, signal);
  const rate = rateOf(config.slackPerSecond, config.slack?.apiUrl ?? null);
  const projecting = openProjector(engine, slack, directory, rate);
  projector = projecting;
  closers.push(() => projecting.close());
  void directory.teamId().catch(() => undefined);

  const metrics = createMetrics(journal, queues.lengths, () => readFileAges(engine));
  routes.metrics = metrics.registry;
  if (config.role !== 'worker') {
    const answer = createAnswerPerson({ slack, redact, log });
    const isSet = (name: string): boolean => Boolean(env[name] || env[`${name}_FILE`]);
    const bolt = openBolt(local.slack, { engine, slack, directory, answer, budget: createBudget(), isSet });
    bolt.start();
    closers.push(() => bolt.stop());
    routes.slack = bolt.listener;
    routes.alertmanager = createAlertmanagerWebhook(
      engine,
      local.webhook,
      { count: metrics.webhooks },
      { topics: config.snsTopics, confirm: (url) => confirmSns(url, signal) },
    );
  }
  // Probes load their drivers at first use; now, rather than while the first person waits.
  if (config.role !== 'gateway')
    await Promise.all([import('mysql2/promise'), import('mongodb'), import('amqplib')]);
  const handler = createHandler(engine);
  if (config.role !== 'gateway') queues.work(handler.handle);
  await queues.prepare();
  underWay.acting = handler.acting;
  const chores = [...choresOf(engine)];
  if (config.role !== 'worker') chores.push(homesChore({ engine, slack, directory }));
  if (config.role !== 'gateway') {
    const drawing = openDrawing();
    closers.push(() => drawing.close());
    chores.push(
      picturesChore({ engine, slack, draw: drawing.draw, queryRange }),
      followChore(engine),
      retentionChore(engine, config),
    );
    if (config.healthEveryMs !== null) chores.push(healthChore(engine, config.healthEveryMs));
  }
  if (config.heartbeatUrl !== null) {
    const isWell = async (): Promise<boolean> => (await pingJournal(journal)) === 'ok';
    chores.push(heartbeatChore(config.heartbeatUrl, config.heartbeatEveryMs, isWell));
  }
  if (config.role !== 'gateway') chores.push(...places.map((place) => headsChore(engine, place)));
  void keepChores(chores, { signal, log, count: metrics.chores });
  projecting.poke(allChannels(engine));

  routes.readiness = async () => {
    const [journalState, queueAnswers] = await Promise.all([pingJournal(journal), queues.ping()]);
    const tampered = journalState === 'ok' ? await whyTampered(journal.pool, auditKey) : null;
    return {
      ready: journalState === 'ok',
      journal: tampered === null ? journalState : `tampered: ${tampered}`,
      queue: queueAnswers ? 'ok' : 'away: work goes on from the journal when it is back',
      slack: projecting.problem() ?? 'ok',
      process: last.problem() ?? 'ok',
    };
  };
  log.info({ port: server.port, role: config.role, systems: catalog.systems.length }, 'ready');
  return { server, firstWords: local.firstWords, stop };
}

/** What an error says, without the objects that drivers hang on it. */
function sayError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return { type: name, message, code, stack, ...(cause === undefined ? {} : { cause: sayError(cause) }) };
}

async function listen(config: Config, routes: Routes, log: Logger): Promise<HttpServer> {
  try {
    return await openServer({ host: config.host, port: config.port }, routes, log);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : 'can’t be listened on';
    throw new ConfigError([`PORT: ${config.host}:${config.port} ${why}; choose another, e.g. PORT=4281`]);
  }
}

async function pingJournal({ pool, writes }: Journal): Promise<string> {
  const late = new Promise<string>((resolve) =>
    setTimeout(() => resolve('does not answer'), PING_MS).unref(),
  );
  const asked = dbNow(pool)
    .then(() => writes.check())
    .then(
      (trouble) => (trouble === null ? 'ok' : `can’t write: ${trouble}`),
      // Without the message, which names addresses: the log has it.
      (error: Error) => `away: ${'code' in error ? String(error.code) : error.name}`,
    );
  return Promise.race([asked, late]);
}
