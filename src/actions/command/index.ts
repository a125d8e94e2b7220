/** command: runs a program that the system's own file declares, by its argument array, in a folder or a container. */
import type { ActionKind } from '../../domain/action.ts';
import { checkProgram } from './arguments.ts';
import type { Env } from './environment.ts';
import { executeCommand } from './execute.ts';
import { planCommand } from './plan.ts';
import { type CommandSettings, commandSettings } from './settings.ts';

/** `env`: what PATH, HOME, LANG and the names that a program declares are taken from. */
export function createCommand(env: Env): ActionKind<CommandSettings> {
  return {
    name: 'command',
    contractVersion: 1,
    danger: 'destructive',
    // A page's own program: a step that needs more says so by its approvals.
    approvalsWithoutUndo: {},
    needs: 'nothing',
    settings: commandSettings,
    dangerOf: ({ declared }, { program }) =>
      Object.hasOwn(declared.programs, program) ? (declared.programs[program]?.danger ?? null) : null,
    checkDeclared: checkProgram,
    plan: (target, chosen, context) => planCommand(env, target, chosen, context),
    execute: (target, chosen, plan, act, context) =>
      executeCommand(env, { target, settings: chosen, plan, act, context }),
  };
}
