/** alertmanager.silence: hides alerts from everybody for a while. Nothing stops, so it can be taken back at once. */
import type { ActionKind } from '../../domain/action.ts';
import { executeSilence, verifySilence } from './execute.ts';
import { planSilence } from './plan.ts';
import { type SilenceSettings, silenceSettings } from './settings.ts';
import { makeSilenceUndo, restoreSilenced } from './undo.ts';

export function createAlertmanagerSilence(): ActionKind<SilenceSettings> {
  return {
    name: 'alertmanager.silence',
    contractVersion: 1,
    danger: 'disruptive',
    needs: 'nothing',
    settings: silenceSettings,
    plan: planSilence,
    makeUndo: makeSilenceUndo,
    restore: restoreSilenced,
    execute: executeSilence,
    verify: verifySilence,
  };
}
