/** rabbitmq.purge: throws away every message that waits in one queue. */
import type { ActionKind } from '../../domain/action.ts';
import { executePurge, verifyPurge } from './execute.ts';
import { planPurge } from './plan.ts';
import { type PurgeSettings, purgeSettings } from './settings.ts';

export function createRabbitmqPurge(): ActionKind<PurgeSettings> {
  return {
    name: 'rabbitmq.purge',
    contractVersion: 1,
    danger: 'destructive',
    // Messages that are gone were somebody's work, and nothing keeps a copy.
    approvalsWithoutUndo: { prod: 2 },
    needs: { schemes: ['amqp', 'amqps'] },
    settings: purgeSettings,
    plan: planPurge,
    execute: executePurge,
    verify: verifyPurge,
  };
}
