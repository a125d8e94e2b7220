/** The dialog that asks for the parameters of a recovery option or an operation, before anything is planned. */
import type { ViewOutput } from '@slack/bolt';
import type { KnownBlock } from '@slack/web-api';
import { expected, type Param, readParams } from '../../domain/params.ts';
import { cut } from '../../domain/text.ts';
import { LIMITS } from '../limits.ts';
import type { SlackContext } from '../slack-context.ts';
import type { Click } from './click.ts';

export const PARAMS_VIEW = 'params.ask';
const INPUT = 'value';
/** Characters of `private_metadata`, beside the rest of it. */
const LONGEST_PARAMS = 2000;
const blockOf = (param: Param): string => `param.${param.name}`;

/** What the dialog carries from the click to its answer: no secrets, nothing that isn't looked up again. */
export interface ParamsMetadata {
  readonly token: string;
  /** The button's action. */
  readonly action: string;
  /** Names the click: the same dialog, sent again, asks nothing. */
  readonly key: string;
  readonly channel: string;
  readonly threadTs: string | null;
  /** What was asked for, so that an answer is held against it before anything else is read; empty: it did not fit. */
  readonly params: readonly Param[];
}

const plain = (text: string, most: number) =>
  ({ type: 'plain_text', text: cut(text, most), emoji: true }) as const;

function inputOf(param: Param): KnownBlock {
  const label = plain(param.says, LIMITS.inputLabel);
  const hint = plain(`${param.name}: ${expected(param)}`, LIMITS.inputHint);
  const block_id = blockOf(param);
  if (param.type === 'choice' && param.of.length <= LIMITS.selectOptions) {
    const options = param.of.map((value) => ({ text: plain(value, LIMITS.optionText), value }));
    const initial = options.find(({ value }) => value === param.standard);
    const element = {
      type: 'static_select',
      action_id: INPUT,
      options,
      ...(initial === undefined ? {} : { initial_option: initial }),
    } as const;
    return { type: 'input', block_id, label, hint, element };
  }
  const element = {
    type: 'plain_text_input',
    action_id: INPUT,
    max_length: 200,
    placeholder: plain(param.example, LIMITS.placeholder),
    ...(param.standard === null ? {} : { initial_value: param.standard }),
  } as const;
  return { type: 'input', block_id, label, hint, element };
}

/** What to tell the person; null: the dialog is open. */
export async function openParamsModal(
  context: SlackContext,
  click: Click,
  what: { readonly title: string; readonly params: readonly Param[] },
): Promise<string | null> {
  const { channel, threadTs } = click.asker;
  const metadata: ParamsMetadata = {
    token: click.value,
    action: click.action,
    key: click.key,
    channel,
    threadTs,
    params: JSON.stringify(what.params).length > LONGEST_PARAMS ? [] : what.params,
  };
  const answer = await context.slack.call('views.open', {
    trigger_id: click.triggerId,
    view: {
      type: 'modal',
      callback_id: PARAMS_VIEW,
      private_metadata: JSON.stringify(metadata),
      title: plain('Which one?', LIMITS.modalTitle),
      submit: plain('Show the plan', LIMITS.modalButton),
      close: plain('Cancel', LIMITS.modalButton),
      blocks: [
        { type: 'section', text: { type: 'plain_text', text: cut(what.title, LIMITS.sectionText) } },
        ...what.params.map(inputOf),
      ],
    },
  });
  return answer.kind === 'ok' ? null : 'The dialog could not be opened in time. Click again.';
}

/** What was filled in, by parameter. */
export function filledIn(view: ViewOutput): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(view.state.values).flatMap(([block, inputs]) => {
      const input = inputs[INPUT];
      const value = input?.selected_option?.value ?? input?.value ?? null;
      return block.startsWith('param.') && value !== null
        ? [[block.slice('param.'.length), value.trim()]]
        : [];
    }),
  );
}

/** By block, as Slack shows it beside the input; null: nothing is wrong. */
export function wrongInputs(
  params: readonly Param[],
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | null {
  const wrong = params.flatMap((param) => {
    const own = given[param.name];
    const read = readParams([param], own === undefined ? {} : { [param.name]: own });
    return 'wrong' in read ? [[blockOf(param), read.wrong]] : [];
  });
  return wrong.length === 0 ? null : Object.fromEntries(wrong);
}
