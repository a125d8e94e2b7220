/** The states of the three lives and of an incident; the journal's triggers hold the arrows (migration 0001). */
export type IncidentState = 'firing' | 'acknowledged' | 'mitigated' | 'resolved';
export type RunKind = 'diagnosis' | 'recovery' | 'verification' | 'operation';
/** Recoveries and operations go step by step; the others run side by side. */
export const isStepwise = (kind: RunKind): boolean => kind === 'recovery' || kind === 'operation';
export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled';
export type StepState =
  | 'pending'
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'interrupted'
  | 'skipped'
  | 'cancelled';
export type RequestState = 'open' | 'approved' | 'denied' | 'expired' | 'superseded' | 'cancelled';
export type ExecutionPhase = 'preparing' | 'acting' | 'done' | 'interrupted';

const ENDED: ReadonlySet<StepState> = new Set(['succeeded', 'failed', 'interrupted', 'skipped', 'cancelled']);
export const hasEnded = (state: StepState): boolean => ENDED.has(state);
