import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/slack/limits.ts';
import { type OpenServer, openServer, ops, plain } from './open-server.ts';

const repeat = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const option = (changes: object = {}) => ({ text: plain(1), value: 'v', ...changes });
const button = (changes: object = {}) => ({
  type: 'button',
  action_id: 'a',
  text: plain(3),
  value: 'v',
  ...changes,
});
const confirm = (changes: object = {}) => ({
  title: plain(1),
  text: plain(1, 'mrkdwn'),
  confirm: plain(1),
  deny: plain(1),
  ...changes,
});
const actions = (...elements: object[]) => [{ type: 'actions', elements }];
const checkboxes = (options: object[]) => actions({ type: 'checkboxes', action_id: 'c', options });
const image = (changes: object) => [
  { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a', ...changes },
];
const input = (element: object = {}, changes: object = {}) => ({
  type: 'input',
  label: plain(1),
  element: { type: 'plain_text_input', action_id: 'x', ...element },
  ...changes,
});
const URL_START = 'https://example.com/';
const url = (n: number) => URL_START + 'x'.repeat(n - URL_START.length);

describe('Slack’s limits', () => {
  let server: OpenServer;
  beforeAll(async () => {
    server = await openServer();
  });
  afterAll(() => server.stop());
  const post = (blocks: object[], extra: object = {}) =>
    server.call('chat.postMessage', { channel: ops, text: 't', blocks, ...extra });

  it.each<[string, (n: number) => object[], number]>([
    ['image alt text', (n) => image({ alt_text: 'x'.repeat(n) }), LIMITS.imageAltText],
    ['image url', (n) => image({ image_url: url(n) }), LIMITS.imageUrl],
    ['image title', (n) => image({ title: plain(n) }), LIMITS.imageTitle],
    ['button url', (n) => actions(button({ url: url(n) })), LIMITS.buttonUrl],
    [
      'accessibility label',
      (n) => actions(button({ accessibility_label: 'x'.repeat(n) })),
      LIMITS.accessibilityLabel,
    ],
    ['confirm title', (n) => actions(button({ confirm: confirm({ title: plain(n) }) })), LIMITS.confirmTitle],
    ['confirm text', (n) => actions(button({ confirm: confirm({ text: plain(n) }) })), LIMITS.confirmText],
    [
      'confirm button',
      (n) => actions(button({ confirm: confirm({ deny: plain(n) }) })),
      LIMITS.confirmButton,
    ],
    ['checkboxes', (n) => checkboxes(repeat(n, (i) => option({ value: `${i}` }))), LIMITS.checkboxOptions],
    ['option text', (n) => checkboxes([option({ text: plain(n) })]), LIMITS.optionText],
    ['option value', (n) => checkboxes([option({ value: 'x'.repeat(n) })]), LIMITS.optionValue],
    ['option description', (n) => checkboxes([option({ description: plain(n) })]), LIMITS.optionDescription],
    [
      'overflow options',
      (n) =>
        actions({ type: 'overflow', action_id: 'o', options: repeat(n, (i) => option({ value: `${i}` })) }),
      LIMITS.overflowOptions,
    ],
    [
      'select options',
      (n) =>
        actions({
          type: 'static_select',
          action_id: 's',
          options: repeat(n, (i) => option({ value: `${i}` })),
        }),
      LIMITS.selectOptions,
    ],
    ['context text', (n) => [{ type: 'context', elements: [plain(n, 'mrkdwn')] }], LIMITS.contextText],
  ])('takes %s at the limit and refuses one more', async (_, make, limit) => {
    expect(await post(make(limit))).toBe('ok');
    expect(await post(make(limit + 1))).toBe('invalid_blocks');
  });

  it.each<[string, (n: number) => object, number]>([
    ['modal title', (n) => ({ title: plain(n) }), LIMITS.modalTitle],
    ['submit', (n) => ({ submit: plain(n) }), LIMITS.modalButton],
    ['close', (n) => ({ close: plain(n) }), LIMITS.modalButton],
    ['private metadata', (n) => ({ private_metadata: 'x'.repeat(n) }), LIMITS.privateMetadata],
    ['callback id', (n) => ({ callback_id: 'x'.repeat(n) }), LIMITS.callbackId],
    ['view blocks', (n) => ({ blocks: repeat(n, () => ({ type: 'divider' })) }), LIMITS.viewBlocks],
    ['input label', (n) => ({ blocks: [input({}, { label: plain(n) })] }), LIMITS.inputLabel],
    ['input hint', (n) => ({ blocks: [input({}, { hint: plain(n) })] }), LIMITS.inputHint],
    ['placeholder', (n) => ({ blocks: [input({ placeholder: plain(n) })] }), LIMITS.placeholder],
    ['input length', (n) => ({ blocks: [input({ max_length: n })] }), LIMITS.inputMaxLength],
  ])('takes a modal’s %s at the limit and refuses one more', async (_, make, limit) => {
    const open = async (n: number) => {
      await server.workspace.as('ULEAD0001').command('/ops help');
      const trigger_id = server.told.at(-1)?.form.get('trigger_id') ?? '';
      const view = { type: 'modal', title: plain(5), submit: plain(4), blocks: [input()], ...make(n) };
      return server.call('views.open', { trigger_id, view });
    };
    expect(await open(limit)).toBe('ok');
    expect(await open(limit + 1)).toBe('invalid_arguments');
  });

  it('refuses text that is too long, and blocks that are too long together', async () => {
    const text = (n: number) => server.call('chat.postMessage', { channel: ops, text: 'x'.repeat(n) });
    expect(await text(LIMITS.messageText)).toBe('ok');
    expect(await text(LIMITS.messageText + 1)).toBe('msg_too_long');
    const { ts } = await server.slack.chat.postMessage({ channel: ops, text: 't' });
    const update = (n: number) => server.call('chat.update', { channel: ops, ts, text: 'x'.repeat(n) });
    expect(await update(LIMITS.updateText)).toBe('ok');
    expect(await update(LIMITS.updateText + 1)).toBe('msg_too_long');
    const sections = (n: number) => repeat(n, () => ({ type: 'section', text: plain(3000) }));
    expect(await post(sections(4))).toBe('ok');
    expect(await post(sections(5))).toBe('msg_blocks_too_long');
  });

  it('names the place of what it refuses', async () => {
    const refused = await server.slack
      .apiCall('chat.postMessage', {
        channel: ops,
        text: 't',
        blocks: [{ type: 'divider' }, { type: 'section', text: plain(3001, 'mrkdwn') }],
      })
      .catch((error: { data: { response_metadata: { messages: string[] } } }) => error.data);
    expect(refused).toMatchObject({
      response_metadata: {
        messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]'],
      },
    });
  });

  it.each<[string, object[]]>([
    ['an unknown block', [{ type: 'marquee' }]],
    ['a field no block has', [{ type: 'divider', colour: 'red' }]],
    ['emoji on mrkdwn', [{ type: 'section', text: { ...plain(1, 'mrkdwn'), emoji: true } }]],
    ['mrkdwn in a header', [{ type: 'header', text: plain(1, 'mrkdwn') }]],
    ['empty text', [{ type: 'section', text: plain(0) }]],
    ['a section with nothing', [{ type: 'section' }]],
    ['no actions', [{ type: 'actions', elements: [] }]],
    ['a button’s unknown style', actions(button({ style: 'gold' }))],
    ['the same action id twice', actions(button(), button())],
    ['the same block id twice', repeat(2, () => ({ type: 'divider', block_id: 'same' }))],
    ['an input without a label', [{ ...input(), label: undefined }]],
    [
      'a tick that is no option',
      actions({
        type: 'checkboxes',
        action_id: 'c',
        options: [option()],
        initial_options: [option({ value: 'w' })],
      }),
    ],
    [
      'an empty list of ticks',
      actions({ type: 'checkboxes', action_id: 'c', options: [option()], initial_options: [] }),
    ],
    ['a picture only this machine can reach', image({ image_url: 'http://127.0.0.1:3000/a.png' })],
    ['a picture from a file nobody uploaded', image({ image_url: undefined, slack_file: { id: 'F0' } })],
    ['a picture without a description', image({ alt_text: '' })],
  ])('refuses %s', async (_, blocks) => {
    expect(await post(blocks)).toBe('invalid_blocks');
  });
});
