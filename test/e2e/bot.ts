/** The bot as its own process, the way it is started by hand, and a strict workspace in Slack's place. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import {
  startWorkspaceServer,
  type Workspace,
  type WorkspaceServer,
} from '../../src/local/workspace/index.ts';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { freePort, waitFor } from '../servers/program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
/** As bin/pageturner.mjs starts it. */
export const NODE_FLAGS = ['--max-semi-space-size=16'];
export const WEBHOOK_TOKEN = 'webhook-token-for-tests';
export const SIGNING_SECRET = 'signing-secret-for-tests';
export const BOT_TOKEN = 'xoxb-token-for-tests';
export const AUDIT_KEY = 'an audit key for the tests';

export interface BotProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it wrote, so far. */
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  kill(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `node src/main.ts up` with the flags that users get; resolves once it is ready. */
export async function startBotProcess(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = ['up'],
): Promise<BotProcess> {
  const port = Number(env.PORT ?? (await freePort()));
  const child: ChildProcess = spawn(NODE, [...NODE_FLAGS, join(ROOT, 'src', 'main.ts'), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', PORT: String(port), LOG_LEVEL: 'debug', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (part: Buffer) => {
    output += part;
  });
  child.stderr?.on('data', (part: Buffer) => {
    output += part;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = `http://127.0.0.1:${port}`;
  await waitFor('the bot to be ready', 30_000, async () => {
    if (child.exitCode !== null) return true;
    const { statusCode, body } = await request(`${url}/readyz`);
    await body.dump();
    return statusCode === 200;
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`the bot did not become ready: ${output}`, { cause: error });
  });
  if (child.exitCode !== null) throw new Error(`the bot ended with ${child.exitCode}: ${output}`);
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    async kill(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

export interface World {
  readonly workspace: Workspace;
  readonly env: Record<string, string>;
  bot: BotProcess;
  restart(signal: NodeJS.Signals, changes?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** In Slack's place; what people click goes to the port that is named at that moment. */
export function strictWorkspace(
  port: () => number,
  more: Partial<Parameters<typeof startWorkspaceServer>[0]> = {},
): Promise<WorkspaceServer> {
  return startWorkspaceServer({
    file: null,
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    eventsUrl: () => `http://127.0.0.1:${port()}/slack/events`,
    log: () => undefined,
    ...more,
  });
}

/** What a bot needs to be told to work with it. */
export const configured = (apiUrl: string) => ({
  SLACK_BOT_TOKEN: BOT_TOKEN,
  SLACK_SIGNING_SECRET: SIGNING_SECRET,
  SLACK_API_URL: apiUrl,
  PAGETURNER_ENV: 'test',
  AUDIT_KEY,
  ALERTMANAGER_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
  ROLE_TECH_LEAD: PEOPLE.lead.id,
  ROLE_ON_CALL: PEOPLE.onCall.id,
  ROLE_DUTY_OFFICER: PEOPLE.duty.id,
});

/** A configured bot (mode with Slack), wired to a strict workspace. */
export async function startWorld(env: Readonly<Record<string, string>>, appToken?: string): Promise<World> {
  const port = Number(env.PORT ?? (await freePort()));
  const dataDir = mkdtempSync(join(tmpdir(), 'pageturner-data-'));
  const server = await strictWorkspace(() => port, appToken === undefined ? {} : { appToken });
  const all = { PORT: String(port), PAGETURNER_DATA: dataDir, ...configured(server.apiUrl), ...env };
  const world: World = {
    workspace: server.workspace,
    env: all,
    bot: await startBotProcess(all),
    async restart(signal, changes = {}) {
      await world.bot.kill(signal);
      world.bot = await startBotProcess({ ...all, ...changes });
    },
    async stop() {
      await world.bot.kill('SIGTERM');
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return world;
}

/** Runs a command of the CLI to its end; `onOutput` is given everything that it has said so far. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onOutput: (stdout: string) => void = () => undefined,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(NODE, [...NODE_FLAGS, join(ROOT, 'src', 'main.ts'), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    stdout += part;
    onOutput(stdout);
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}
