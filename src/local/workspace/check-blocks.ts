/** Refuses what Slack refuses: blocks, elements and texts past the limits of the Block Kit reference. */
import { LIMITS } from '../../slack/limits.ts';
import type { Json } from './store.ts';

type Problem = string;
type TextKind = 'plain_text' | 'mrkdwn' | 'any';

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function checkText(value: unknown, kind: TextKind, max: number, at: string, problems: Problem[]): void {
  if (!isObject(value)) {
    problems.push(`[ERROR] missing required field: text object [json-pointer:${at}]`);
    return;
  }
  const { type, text } = value;
  if ((kind !== 'any' && type !== kind) || (type !== 'plain_text' && type !== 'mrkdwn')) {
    problems.push(`[ERROR] invalid text type ${String(type)} [json-pointer:${at}/type]`);
  }
  if (typeof text !== 'string' || text.length === 0)
    problems.push(`[ERROR] must be more than 0 characters [json-pointer:${at}/text]`);
  else if (text.length > max)
    problems.push(`[ERROR] must be less than ${max + 1} characters [json-pointer:${at}/text]`);
}

function checkString(value: unknown, max: number, at: string, problems: Problem[]): void {
  if (value === undefined) return;
  if (typeof value !== 'string') problems.push(`[ERROR] must be a string [json-pointer:${at}]`);
  else if (value.length > max)
    problems.push(`[ERROR] must be less than ${max + 1} characters [json-pointer:${at}]`);
}

function checkOptions(element: Json, max: number, at: string, problems: Problem[]): void {
  const options = list(element.options);
  if (options.length === 0 || options.length > max)
    problems.push(`[ERROR] must have 1 to ${max} options [json-pointer:${at}/options]`);
  options.forEach((option, i) => {
    if (!isObject(option)) return;
    checkText(option.text, 'any', LIMITS.optionText, `${at}/options/${i}/text`, problems);
    checkString(option.value, LIMITS.optionValue, `${at}/options/${i}/value`, problems);
    if (option.description !== undefined)
      checkText(
        option.description,
        'any',
        LIMITS.optionDescription,
        `${at}/options/${i}/description`,
        problems,
      );
  });
}

function checkElement(element: unknown, at: string, allowed: readonly string[], problems: Problem[]): void {
  if (!isObject(element) || !allowed.includes(String(element.type))) {
    problems.push(
      `[ERROR] unsupported type: ${isObject(element) ? String(element.type) : 'none'} [json-pointer:${at}]`,
    );
    return;
  }
  checkString(element.action_id, LIMITS.actionId, `${at}/action_id`, problems);
  switch (element.type) {
    case 'button':
      checkText(element.text, 'plain_text', LIMITS.buttonText, `${at}/text`, problems);
      checkString(element.value, LIMITS.buttonValue, `${at}/value`, problems);
      checkString(element.url, LIMITS.buttonUrl, `${at}/url`, problems);
      if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger')
        problems.push(`[ERROR] invalid style [json-pointer:${at}/style]`);
      checkConfirm(element.confirm, `${at}/confirm`, problems);
      break;
    case 'checkboxes':
    case 'radio_buttons':
      checkOptions(element, LIMITS.checkboxOptions, at, problems);
      break;
    case 'static_select':
    case 'overflow':
      checkOptions(element, LIMITS.selectOptions, at, problems);
      break;
    case 'plain_text_input':
      if (element.placeholder !== undefined)
        checkText(element.placeholder, 'plain_text', LIMITS.placeholder, `${at}/placeholder`, problems);
      if (Number(element.max_length ?? 0) > LIMITS.inputMaxLength)
        problems.push(`[ERROR] max_length [json-pointer:${at}/max_length]`);
      break;
    case 'image':
      checkImage(element, at, problems);
      break;
    case 'mrkdwn':
    case 'plain_text':
      checkText(element, 'any', LIMITS.contextText, at, problems);
      break;
    default:
  }
}

function checkConfirm(confirm: unknown, at: string, problems: Problem[]): void {
  if (confirm === undefined) return;
  if (!isObject(confirm)) return void problems.push(`[ERROR] invalid confirm [json-pointer:${at}]`);
  checkText(confirm.title, 'plain_text', LIMITS.confirmTitle, `${at}/title`, problems);
  checkText(confirm.text, 'any', LIMITS.confirmText, `${at}/text`, problems);
  checkText(confirm.confirm, 'plain_text', LIMITS.confirmButton, `${at}/confirm`, problems);
  checkText(confirm.deny, 'plain_text', LIMITS.confirmButton, `${at}/deny`, problems);
}

function checkImage(block: Json, at: string, problems: Problem[]): void {
  if (typeof block.image_url !== 'string' && !isObject(block.slack_file))
    problems.push(`[ERROR] missing image_url or slack_file [json-pointer:${at}]`);
  checkString(block.image_url, LIMITS.imageUrl, `${at}/image_url`, problems);
  if (typeof block.alt_text !== 'string' || block.alt_text === '')
    problems.push(`[ERROR] missing required field: alt_text [json-pointer:${at}]`);
  checkString(block.alt_text, LIMITS.imageAltText, `${at}/alt_text`, problems);
}

const ACTIONS = ['button', 'checkboxes', 'radio_buttons', 'static_select', 'overflow'];

function checkBlock(block: unknown, at: string, surface: 'message' | 'view', problems: Problem[]): void {
  if (!isObject(block)) return void problems.push(`[ERROR] not a block [json-pointer:${at}]`);
  checkString(block.block_id, LIMITS.blockId, `${at}/block_id`, problems);
  switch (block.type) {
    case 'section': {
      const fields = list(block.fields);
      if (block.text === undefined && fields.length === 0)
        problems.push(`[ERROR] missing text or fields [json-pointer:${at}]`);
      if (block.text !== undefined) checkText(block.text, 'any', LIMITS.sectionText, `${at}/text`, problems);
      if (fields.length > LIMITS.sectionFields)
        problems.push(`[ERROR] no more than ${LIMITS.sectionFields} items [json-pointer:${at}/fields]`);
      for (const [i, field] of fields.entries())
        checkText(field, 'any', LIMITS.fieldText, `${at}/fields/${i}`, problems);
      if (block.accessory !== undefined)
        checkElement(block.accessory, `${at}/accessory`, [...ACTIONS, 'image'], problems);
      break;
    }
    case 'header':
      checkText(block.text, 'plain_text', LIMITS.headerText, `${at}/text`, problems);
      break;
    case 'context':
    case 'actions': {
      const elements = list(block.elements);
      const [max, allowed] =
        block.type === 'context'
          ? [LIMITS.contextElements, ['mrkdwn', 'plain_text', 'image']]
          : [LIMITS.actionsElements, ACTIONS];
      if (elements.length === 0 || elements.length > max)
        problems.push(`[ERROR] must have 1 to ${max} elements [json-pointer:${at}/elements]`);
      for (const [i, element] of elements.entries())
        checkElement(element, `${at}/elements/${i}`, allowed, problems);
      break;
    }
    case 'divider':
      break;
    case 'image':
      checkImage(block, at, problems);
      break;
    case 'input':
      if (surface === 'view')
        checkText(block.label, 'plain_text', LIMITS.inputLabel, `${at}/label`, problems);
      checkElement(
        block.element,
        `${at}/element`,
        ['plain_text_input', 'checkboxes', 'radio_buttons', 'static_select'],
        problems,
      );
      break;
    default:
      problems.push(`[ERROR] unsupported type: ${String(block.type)} [json-pointer:${at}/type]`);
  }
}

/** Every problem, named with its place as Slack does. */
export function checkBlocks(blocks: unknown, surface: 'message' | 'view'): readonly Problem[] {
  if (!Array.isArray(blocks)) return ['[ERROR] blocks is not an array [json-pointer:/blocks]'];
  const problems: Problem[] = [];
  const max = surface === 'message' ? LIMITS.messageBlocks : LIMITS.viewBlocks;
  if (blocks.length > max) problems.push(`[ERROR] no more than ${max} items allowed [json-pointer:/blocks]`);
  for (const [i, block] of blocks.entries()) checkBlock(block, `/blocks/${i}`, surface, problems);
  const ids = blocks
    .filter(isObject)
    .map((block) => block.block_id)
    .filter((id) => id !== undefined);
  if (new Set(ids).size !== ids.length)
    problems.push('[ERROR] block_id is not unique [json-pointer:/blocks]');
  for (const [i, block] of blocks.entries()) {
    const actions = isObject(block)
      ? list(block.elements)
          .filter(isObject)
          .map((e) => e.action_id)
          .filter((id) => id !== undefined)
      : [];
    if (new Set(actions).size !== actions.length)
      problems.push(`[ERROR] action_id is not unique [json-pointer:/blocks/${i}]`);
  }
  return problems;
}

export function checkView(view: unknown): readonly Problem[] {
  if (!isObject(view)) return ['[ERROR] not a view [json-pointer:/view]'];
  const problems = [...checkBlocks(view.blocks, 'view')];
  if (view.type === 'modal') {
    checkText(view.title, 'plain_text', LIMITS.modalTitle, '/view/title', problems);
    if (view.submit !== undefined)
      checkText(view.submit, 'plain_text', LIMITS.modalButton, '/view/submit', problems);
    if (view.close !== undefined)
      checkText(view.close, 'plain_text', LIMITS.modalButton, '/view/close', problems);
    if (
      view.submit === undefined &&
      list(view.blocks).some((block) => isObject(block) && block.type === 'input')
    ) {
      problems.push('[ERROR] submit is required when an input block is there [json-pointer:/view/submit]');
    }
  }
  checkString(view.private_metadata, LIMITS.privateMetadata, '/view/private_metadata', problems);
  checkString(view.callback_id, LIMITS.callbackId, '/view/callback_id', problems);
  return problems;
}
