/** Refuses elements and texts past the limits of the Block Kit reference, in the words in which Slack does. */
import { LIMITS } from '../../slack/limits.ts';
import { isObject, type Json, list } from './json.ts';

export interface Findings {
  /** Each names its place, as in Slack's `response_metadata.messages`. */
  readonly problems: string[];
  /** Whether a file with this id has been uploaded to its end. */
  readonly knowsFile: (id: string) => boolean;
}

export function refuse(found: Findings, at: string, why: string): void {
  found.problems.push(`[ERROR] ${why} [json-pointer:${at}]`);
}

/** Slack takes no field that its schema doesn't name. */
export function checkFields(value: Json, allowed: readonly string[], at: string, found: Findings): void {
  for (const name of Object.keys(value))
    if (!allowed.includes(name)) refuse(found, at, `invalid additional property: ${name}`);
}

export function checkString(value: unknown, max: number, at: string, found: Findings): void {
  if (value === undefined) return;
  if (typeof value !== 'string') refuse(found, at, 'must be a string');
  else if (value.length > max) refuse(found, at, `must be less than ${max + 1} characters`);
}

export function checkText(
  value: unknown,
  kind: 'plain_text' | 'any',
  max: number,
  at: string,
  found: Findings,
): void {
  if (!isObject(value)) {
    refuse(found, at, 'missing required field: text object');
    return;
  }
  const { type, text } = value;
  if (type !== 'plain_text' && (kind === 'plain_text' || type !== 'mrkdwn'))
    refuse(found, `${at}/type`, `invalid text type ${String(type)}`);
  checkFields(value, ['type', 'text', type === 'mrkdwn' ? 'verbatim' : 'emoji'], at, found);
  if (typeof text !== 'string' || text.length === 0)
    refuse(found, `${at}/text`, 'must be more than 0 characters');
  else if (text.length > max) refuse(found, `${at}/text`, `must be less than ${max + 1} characters`);
}

function checkOptions(element: Json, max: number, at: string, found: Findings): void {
  const options = list(element.options);
  if (options.length === 0 || options.length > max)
    refuse(found, `${at}/options`, `must have 1 to ${max} options`);
  for (const [i, option] of options.entries()) {
    const place = `${at}/options/${i}`;
    if (!isObject(option)) {
      refuse(found, place, 'not an option');
      continue;
    }
    checkFields(option, ['text', 'value', 'description', 'url'], place, found);
    checkText(option.text, 'any', LIMITS.optionText, `${place}/text`, found);
    if (option.value === undefined) refuse(found, place, 'missing required field: value');
    checkString(option.value, LIMITS.optionValue, `${place}/value`, found);
    if (option.description !== undefined)
      checkText(option.description, 'any', LIMITS.optionDescription, `${place}/description`, found);
  }
  checkInitial(element, options, at, found);
}

/** What is chosen at first must be one of the options, letter for letter; an empty list is refused. */
function checkInitial(element: Json, options: readonly unknown[], at: string, found: Findings): void {
  const known = new Set(options.map((option) => JSON.stringify(option)));
  if (element.initial_options !== undefined) {
    const initial = list(element.initial_options);
    if (initial.length === 0) refuse(found, `${at}/initial_options`, 'no fewer than 1 items required');
    if (initial.some((option) => !known.has(JSON.stringify(option))))
      refuse(found, `${at}/initial_options`, 'must match one of the options');
  }
  if (element.initial_option !== undefined && !known.has(JSON.stringify(element.initial_option)))
    refuse(found, `${at}/initial_option`, 'must match one of the options');
}

function checkConfirm(confirm: unknown, at: string, found: Findings): void {
  if (confirm === undefined) return;
  if (!isObject(confirm)) {
    refuse(found, at, 'invalid confirm');
    return;
  }
  checkFields(confirm, ['title', 'text', 'confirm', 'deny', 'style'], at, found);
  checkText(confirm.title, 'plain_text', LIMITS.confirmTitle, `${at}/title`, found);
  checkText(confirm.text, 'any', LIMITS.confirmText, `${at}/text`, found);
  checkText(confirm.confirm, 'plain_text', LIMITS.confirmButton, `${at}/confirm`, found);
  checkText(confirm.deny, 'plain_text', LIMITS.confirmButton, `${at}/deny`, found);
}

/** Slack fetches a picture itself: what only this machine can reach, it refuses. */
export function checkImage(image: Json, at: string, found: Findings): void {
  const { image_url: url, slack_file: file } = image;
  if ((url === undefined) === (file === undefined))
    refuse(found, at, 'must provide either image_url or slack_file');
  if (url !== undefined) {
    checkString(url, LIMITS.imageUrl, `${at}/image_url`, found);
    if (!isPublic(url)) refuse(found, `${at}/image_url`, 'downloading image failed');
  }
  if (file !== undefined && !(isObject(file) && typeof file.id === 'string' && found.knowsFile(file.id)))
    refuse(found, `${at}/slack_file`, 'invalid slack file');
  if (typeof image.alt_text !== 'string' || image.alt_text === '')
    refuse(found, at, 'missing required field: alt_text');
  checkString(image.alt_text, LIMITS.imageAltText, `${at}/alt_text`, found);
}

function isPublic(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return /^https?:$/u.test(protocol) && !/^(localhost|127\.|10\.|192\.168\.|\[::1\])/u.test(hostname);
}

const OWN: Readonly<Record<string, readonly string[]>> = {
  button: ['text', 'url', 'value', 'style', 'confirm', 'accessibility_label'],
  checkboxes: ['options', 'initial_options', 'confirm', 'focus_on_load'],
  radio_buttons: ['options', 'initial_option', 'confirm', 'focus_on_load'],
  static_select: ['placeholder', 'options', 'option_groups', 'initial_option', 'confirm', 'focus_on_load'],
  overflow: ['options', 'confirm'],
  plain_text_input: [
    'initial_value',
    'multiline',
    'min_length',
    'max_length',
    'dispatch_action_config',
    'focus_on_load',
    'placeholder',
  ],
  image: ['image_url', 'slack_file', 'alt_text'],
};

export function checkElement(
  element: unknown,
  at: string,
  allowed: readonly string[],
  found: Findings,
): void {
  if (!isObject(element)) {
    refuse(found, at, 'not an element');
    return;
  }
  const type = String(element.type);
  if (!allowed.includes(type)) {
    refuse(found, at, `unsupported type: ${type}`);
    return;
  }
  if (type === 'mrkdwn' || type === 'plain_text') {
    checkText(element, 'any', LIMITS.contextText, at, found);
    return;
  }
  checkFields(element, ['type', ...(type === 'image' ? [] : ['action_id']), ...(OWN[type] ?? [])], at, found);
  checkString(element.action_id, LIMITS.actionId, `${at}/action_id`, found);
  checkConfirm(element.confirm, `${at}/confirm`, found);
  if (element.placeholder !== undefined)
    checkText(element.placeholder, 'plain_text', LIMITS.placeholder, `${at}/placeholder`, found);
  switch (type) {
    case 'button':
      checkButton(element, at, found);
      break;
    case 'checkboxes':
    case 'radio_buttons':
      checkOptions(element, LIMITS.checkboxOptions, at, found);
      break;
    case 'static_select':
      checkOptions(element, LIMITS.selectOptions, at, found);
      break;
    case 'overflow':
      checkOptions(element, LIMITS.overflowOptions, at, found);
      break;
    case 'plain_text_input':
      if (Number(element.max_length ?? 1) > LIMITS.inputMaxLength || Number(element.max_length ?? 1) < 1)
        refuse(found, `${at}/max_length`, `must be from 1 to ${LIMITS.inputMaxLength}`);
      checkString(element.initial_value, LIMITS.inputMaxLength, `${at}/initial_value`, found);
      break;
    default:
      checkImage(element, at, found);
      break;
  }
}

function checkButton(button: Json, at: string, found: Findings): void {
  checkText(button.text, 'plain_text', LIMITS.buttonText, `${at}/text`, found);
  checkString(button.value, LIMITS.buttonValue, `${at}/value`, found);
  checkString(button.url, LIMITS.buttonUrl, `${at}/url`, found);
  checkString(button.accessibility_label, LIMITS.accessibilityLabel, `${at}/accessibility_label`, found);
  if (button.url !== undefined && !URL.canParse(String(button.url)))
    refuse(found, `${at}/url`, 'must be a valid URL');
  if (button.style !== undefined && button.style !== 'primary' && button.style !== 'danger')
    refuse(found, `${at}/style`, 'must be primary or danger');
}
