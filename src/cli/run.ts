/** `pageturner run RUNBOOK --dry`: every plan of a runbook, from the live targets, touching nothing. */

import { createActionKinds } from '../actions/index.ts';
import type { Env } from '../config.ts';
import { type ActionContext, isRefused } from '../domain/action.ts';
import { nearest } from '../domain/nearest.ts';
import { createRedact } from '../domain/redact.ts';
import type { ActionStep, Catalog, Runbook } from '../domain/runbook.ts';
import { sayScope } from '../domain/say-scope.ts';
import { loadForTerminal } from './load.ts';

const UNDO_MAX_BYTES = 256 * 1024 * 1024;
const USAGE = 'usage: pageturner run RUNBOOK --dry\n';

/** 0: every plan could be made; 1: one could not, and its step is named; 2: wrong usage. */
export async function run(args: readonly string[], env: Env): Promise<number> {
  const [id, ...more] = args.filter((arg) => arg !== '--dry');
  if (id === undefined || more.length > 0 || !args.includes('--dry')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const catalog = await loadForTerminal(env);
  const all = catalog.systems.flatMap((system) => system.runbooks);
  const runbook = all.find((candidate) => candidate.id === id);
  if (runbook === undefined) {
    const close = nearest(
      id,
      all.map((candidate) => candidate.id),
    );
    process.stderr.write(
      `pageturner: there is no runbook "${id}".${close === null ? '' : ` Did you mean ${close}?`}\n`,
    );
    return 2;
  }
  const redact = createRedact(catalog.secrets);
  const lines: string[] = [];
  let failed = false;
  for (const option of runbook.recover) {
    lines.push(`${runbook.id}: ${option.title}`);
    for (const step of option.steps) {
      if (step.type !== 'action') continue;
      const plan = await planLines(catalog, runbook, step);
      failed ||= plan.failed;
      lines.push(...plan.lines);
    }
  }
  process.stdout.write(`${redact(lines).join('\n')}\n`);
  return failed ? 1 : 0;
}

async function planLines(
  catalog: Catalog,
  runbook: Runbook,
  step: ActionStep,
): Promise<{ lines: string[]; failed: boolean }> {
  const name = `  ${step.key} (${step.action} on ${runbook.system}/${step.service})`;
  const kind = createActionKinds({ undoMaxBytes: UNDO_MAX_BYTES }).get(step.action);
  const entry = catalog.systems
    .find((s) => s.name === runbook.system)
    ?.services.find((s) => s.name === step.service);
  if (kind === undefined || entry === undefined)
    return { lines: [`${name}: can’t be planned: unknown action or service`], failed: true };
  const context: ActionContext = {
    signal: AbortSignal.timeout(step.timeoutMs),
    timeoutMs: step.timeoutMs,
    self: { queueRedisRunId: async () => null, containerId: null, volumes: [] },
    progress: () => undefined,
  };
  try {
    const plan = await kind.plan(entry.target, kind.settings.parse(step.settings), context);
    if (isRefused(plan)) return { lines: [`${name}: can’t be planned: ${plan.refused}`], failed: true };
    const identity = Object.entries(plan.identity).map(([fact, value]) => `${fact} ${value}`);
    const scope =
      plan.scope.kind === 'items'
        ? plan.scope.items.map((item) => `    scope: ${item.name} ${item.note}`)
        : [`    scope: ${sayScope(plan.scope)}`];
    const undo = plan.undo.kind === 'none' ? `none: ${plan.undo.reason}` : plan.undo.how;
    return {
      lines: [
        name,
        `    identity: ${identity.join(', ')}`,
        ...scope,
        ...plan.preview.map((line) => `    ${line}`),
        `    undo: ${undo}`,
      ],
      failed: false,
    };
  } catch (error) {
    return {
      lines: [`${name}: can’t be planned: ${error instanceof Error ? error.message : String(error)}`],
      failed: true,
    };
  }
}
