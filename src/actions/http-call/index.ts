/** http.call: one HTTP request that the system's own file declares, sent once, without following redirects. */
import type { ActionKind } from '../../domain/action.ts';
import { executeCall } from './execute.ts';
import { planCall } from './plan.ts';
import { checkCall, findCall } from './request.ts';
import { type CallSettings, callSettings } from './settings.ts';

export function createHttpCall(): ActionKind<CallSettings> {
  return {
    name: 'http.call',
    contractVersion: 1,
    danger: 'destructive',
    // A page's own call: a step that needs more says so by its approvals.
    approvalsWithoutUndo: {},
    needs: 'nothing',
    settings: callSettings,
    dangerOf: ({ declared }, { call }) => findCall(declared, call)?.danger ?? null,
    checkDeclared: checkCall,
    plan: planCall,
    execute: executeCall,
  };
}
