/** `pageturner run RUNBOOK [name=value …] [--dry]`. */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from '../config.ts';
import { isRefused } from '../domain/action.ts';
import { hasEnded } from '../domain/lives.ts';
import { nearest } from '../domain/nearest.ts';
import { readParams } from '../domain/params.ts';
import { createRedact } from '../domain/redact.ts';
import type { Runbook } from '../domain/runbook.ts';
import { whyEnded } from '../domain/step-result.ts';
import { oneLine } from '../domain/text.ts';
import type { Engine } from '../engine/core/engine.ts';
import { askRun } from '../engine/incidents/ask-run.ts';
import { readRunStory } from '../engine/reading/read-incident-story.ts';
import type { RequestRow } from '../journal/requests.ts';
import type { StepRow } from '../journal/steps.ts';
import { readArguments, usageOf } from './commands.ts';
import { dryRun } from './dry-run.ts';
import { loadForTerminal } from './load.ts';
import { openDryRun } from './open-dry-run.ts';
import { openTerminalEngine, terminalUser } from './terminal-engine.ts';

const LOOK_MS = 500;

/** 0: done, or every plan could be made; 1: a step failed or could not be planned, and is named; 2: wrong usage. */
export async function run(args: readonly string[], env: Env): Promise<number> {
  const typed = readArguments('run', args);
  if (typed === null) return 2;
  const [id, ...pairs] = typed.positionals;
  if (id === undefined || pairs.some((pair) => !/^[a-z][\w-]*=/iu.test(pair)))
    return usage(`${usageOf('run')}\n`);
  const given = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  const catalog = await loadForTerminal(env);
  const all = catalog.systems.flatMap((system) => system.runbooks.map((runbook) => ({ system, runbook })));
  const found = all.find(({ runbook }) => runbook.id === id);
  if (found === undefined) {
    const close = nearest(
      id,
      all.map(({ runbook }) => runbook.id),
    );
    return usage(
      `pageturner: there is no runbook "${id}".${close === null ? '' : ` Did you mean ${close}?`}\n`,
    );
  }
  const { runbook, system } = found;
  const isOperation = runbook.steps.length > 0;
  const { dry } = typed.values;
  const { service = null, ...rest } = given;
  const params = isOperation ? given : rest;
  const read = readParams(runbook.params, dry ? { ...examples(runbook), ...params } : params);
  if ('wrong' in read) return usage(`pageturner: ${read.wrong}\n`);
  if (!dry) return realRun(runbook, given, env);
  const runner = await openDryRun(catalog, env);
  const { lines, failed } = await dryRun(runner, system, runbook, read.values, service);
  const assumed = runbook.params.filter(
    ({ name, standard }) => standard === null && given[name] === undefined,
  );
  const note = assumed.map(({ name, example }) => `(with the example ${name}=${example})`);
  process.stdout.write(`${createRedact(catalog.secrets)([...note, ...lines]).join('\n')}\n`);
  return failed ? 1 : 0;
}

/** A dry run touches nothing, so what isn't given may be an example. */
function examples(runbook: Runbook): Readonly<Record<string, string>> {
  return Object.fromEntries(
    runbook.params.filter(({ standard }) => standard === null).map(({ name, example }) => [name, example]),
  );
}

function usage(text: string): number {
  process.stderr.write(text);
  return 2;
}

/** Asks as a person would; the bot that runs does the work, and what needs a decision waits for it in Slack. */
async function realRun(
  runbook: Runbook,
  params: Readonly<Record<string, string>>,
  env: Env,
): Promise<number> {
  const { engine, close } = await openTerminalEngine(env);
  try {
    const person = terminalUser();
    const ask = { runbookId: runbook.id, params, person, askedKey: `cli/${randomUUID()}` };
    const answer = await askRun(engine, ask);
    process.stdout.write(`${answer.text}\n`);
    if (!answer.ok) return 1;
    return answer.runId === undefined ? 0 : await follow(engine, answer.runId);
  } finally {
    await close();
  }
}

/** Prints each step as it goes on; ends with the run and the check after it. */
async function follow(engine: Engine, runId: number): Promise<number> {
  const told = new Map<number, string>();
  for (;;) {
    const story = await readRunStory(engine.journal.pool, runId);
    if (story === null) return 1;
    for (const step of story.steps) {
      const line = sayStep(step, story.requests.find(({ stepId }) => stepId === step.id) ?? null);
      if (step.state !== 'pending' && told.get(step.id) !== line) process.stdout.write(`${line}\n`);
      told.set(step.id, line);
    }
    const going = story.runs.some((run) => run.state === 'running');
    const last = story.runs.at(-1);
    if (!going && last !== undefined && story.steps.every((step) => hasEnded(step.state))) {
      const good = story.runs.every((run) => run.state === 'succeeded');
      process.stdout.write(`${good ? 'done' : `not done: ${last.state}`}\n`);
      return good ? 0 : 1;
    }
    await sleep(LOOK_MS);
  }
}

function sayStep(step: StepRow, request: RequestRow | null): string {
  const said = sayResult(step) ?? '';
  const approvals = request?.decisions.filter(({ verdict }) => verdict === 'approve').length ?? 0;
  const count = request !== null && request.quorum > 1 ? `, ${approvals} of ${request.quorum} approvals` : '';
  const waits =
    step.type === 'action' ? `waits for a decision in Slack${count}` : 'waits for a person in Slack';
  const state = step.state === 'waiting' ? waits : step.state;
  return `STEP-${step.id} ${titleOf(step) ?? step.definition.key}: ${state}${said ? `: ${oneLine(said, 300)}` : ''}`;
}

const titleOf = (step: StepRow): string | null => (step.type === 'condition' ? null : step.definition.title);

function sayResult(step: StepRow): string | null {
  switch (step.type) {
    case 'probe':
      return step.result?.reason ?? null;
    case 'action':
      return step.result !== null && isRefused(step.result) ? step.result.refused : whyEnded(step.result);
    case 'condition':
    case 'task':
      return null;
    default:
      return step satisfies never;
  }
}
