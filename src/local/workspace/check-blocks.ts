/** Refuses what Slack refuses: blocks and views that break the rules of the Block Kit reference. */
import { LIMITS } from '../../slack/limits.ts';
import {
  checkElement,
  checkFields,
  checkImage,
  checkString,
  checkText,
  type Findings,
  refuse,
} from './check-elements.ts';
import { isObject, type Json, list } from './json.ts';

type Surface = 'message' | 'view';
type KnowsFile = Findings['knowsFile'];

const CLICKED = ['button', 'checkboxes', 'radio_buttons', 'static_select', 'overflow'];
const FILLED_IN = ['plain_text_input', 'checkboxes', 'radio_buttons', 'static_select'];
const noFile: KnowsFile = () => false;

const OWN: Readonly<Record<string, readonly string[]>> = {
  section: ['text', 'fields', 'accessory', 'expand'],
  header: ['text'],
  context: ['elements'],
  actions: ['elements'],
  divider: [],
  image: ['image_url', 'slack_file', 'alt_text', 'title'],
  input: ['label', 'element', 'dispatch_action', 'hint', 'optional'],
  rich_text: ['elements'],
};
const RICH_PARTS = ['rich_text_section', 'rich_text_list', 'rich_text_preformatted', 'rich_text_quote'];

function checkSection(block: Json, at: string, found: Findings): void {
  const fields = list(block.fields);
  if (block.text === undefined && fields.length === 0) refuse(found, at, 'missing text or fields');
  if (block.text !== undefined) checkText(block.text, 'any', LIMITS.sectionText, `${at}/text`, found);
  if (fields.length > LIMITS.sectionFields)
    refuse(found, `${at}/fields`, `no more than ${LIMITS.sectionFields} items allowed`);
  for (const [i, field] of fields.entries())
    checkText(field, 'any', LIMITS.fieldText, `${at}/fields/${i}`, found);
  if (block.accessory !== undefined)
    checkElement(block.accessory, `${at}/accessory`, [...CLICKED, 'image'], found);
}

function checkElements(
  block: Json,
  max: number,
  allowed: readonly string[],
  at: string,
  found: Findings,
): void {
  const elements = list(block.elements);
  if (elements.length === 0 || elements.length > max)
    refuse(found, `${at}/elements`, `must have 1 to ${max} elements`);
  for (const [i, element] of elements.entries()) checkElement(element, `${at}/elements/${i}`, allowed, found);
}

function checkInput(block: Json, at: string, found: Findings): void {
  checkText(block.label, 'plain_text', LIMITS.inputLabel, `${at}/label`, found);
  if (block.hint !== undefined) checkText(block.hint, 'plain_text', LIMITS.inputHint, `${at}/hint`, found);
  checkElement(block.element, `${at}/element`, FILLED_IN, found);
}

function checkBlock(block: unknown, at: string, found: Findings): void {
  if (!isObject(block)) {
    refuse(found, at, 'not a block');
    return;
  }
  const own = OWN[String(block.type)];
  if (own === undefined) {
    refuse(found, `${at}/type`, `unsupported type: ${String(block.type)}`);
    return;
  }
  checkFields(block, ['type', 'block_id', ...own], at, found);
  checkString(block.block_id, LIMITS.blockId, `${at}/block_id`, found);
  switch (block.type) {
    case 'section':
      checkSection(block, at, found);
      break;
    case 'header':
      checkText(block.text, 'plain_text', LIMITS.headerText, `${at}/text`, found);
      break;
    case 'context':
      checkElements(block, LIMITS.contextElements, ['mrkdwn', 'plain_text', 'image'], at, found);
      break;
    case 'actions':
      checkElements(block, LIMITS.actionsElements, CLICKED, at, found);
      break;
    case 'image':
      if (block.title !== undefined)
        checkText(block.title, 'plain_text', LIMITS.imageTitle, `${at}/title`, found);
      checkImage(block, at, found);
      break;
    case 'input':
      checkInput(block, at, found);
      break;
    case 'rich_text':
      for (const [i, part] of list(block.elements).entries())
        if (!isObject(part) || !RICH_PARTS.includes(String(part.type)))
          refuse(found, `${at}/elements/${i}`, 'unsupported type');
      return;
    default:
      return;
  }
}

function hasTwice(ids: readonly unknown[]): boolean {
  const given = ids.filter((id) => id !== undefined);
  return new Set(given).size !== given.length;
}

/** Every problem, named with its place as Slack does. `knowsFile`: whether a picture's file has been uploaded. */
export function checkBlocks(
  blocks: unknown,
  surface: Surface,
  knowsFile: KnowsFile = noFile,
): readonly string[] {
  if (!Array.isArray(blocks)) return ['[ERROR] blocks is not an array [json-pointer:/blocks]'];
  const found: Findings = { problems: [], knowsFile };
  const max = surface === 'message' ? LIMITS.messageBlocks : LIMITS.viewBlocks;
  if (blocks.length > max) refuse(found, '/blocks', `no more than ${max} items allowed`);
  for (const [i, block] of blocks.entries()) checkBlock(block, `/blocks/${i}`, found);
  const known = blocks.filter(isObject);
  if (hasTwice(known.map((block) => block.block_id))) refuse(found, '/blocks', 'block_id is not unique');
  for (const [i, block] of known.entries()) {
    const elements = list(block.elements).filter(isObject);
    if (hasTwice(elements.map((element) => element.action_id)))
      refuse(found, `/blocks/${i}`, 'action_id is not unique');
  }
  return found.problems;
}

const VIEW = ['type', 'blocks', 'private_metadata', 'callback_id', 'external_id'];
const MODAL = ['title', 'submit', 'close', 'clear_on_close', 'notify_on_close', 'submit_disabled'];

/** The same for a modal or an App Home. */
export function checkView(view: unknown, knowsFile: KnowsFile = noFile): readonly string[] {
  if (!isObject(view)) return ['[ERROR] not a view [json-pointer:/view]'];
  const found: Findings = { problems: [...checkBlocks(view.blocks, 'view', knowsFile)], knowsFile };
  const isModal = view.type === 'modal';
  if (!isModal && view.type !== 'home') refuse(found, '/view/type', 'must be modal or home');
  checkFields(view, isModal ? [...VIEW, ...MODAL] : VIEW, '/view', found);
  if (isModal) {
    checkText(view.title, 'plain_text', LIMITS.modalTitle, '/view/title', found);
    for (const name of ['submit', 'close'])
      if (view[name] !== undefined)
        checkText(view[name], 'plain_text', LIMITS.modalButton, `/view/${name}`, found);
    const asks = list(view.blocks).some((block) => isObject(block) && block.type === 'input');
    if (asks && view.submit === undefined)
      refuse(found, '/view/submit', 'required when an input block is there');
  }
  checkString(view.private_metadata, LIMITS.privateMetadata, '/view/private_metadata', found);
  checkString(view.callback_id, LIMITS.callbackId, '/view/callback_id', found);
  return found.problems;
}
