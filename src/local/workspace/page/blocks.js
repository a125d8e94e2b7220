import { h } from './dom.js';
import { element as makeElement } from './elements.js';
import { mrkdwn } from './mrkdwn.js';
import { plain } from './plain.js';
import { richText } from './rich-text.js';

/** @typedef {import('./elements.js').Doing} Doing */

/**
 * A text object.
 * @param {{ type: string, text: string } | undefined} text
 * @param {Doing} doing
 * @returns {Node}
 */
export function words(text, doing) {
  if (text === undefined) return document.createTextNode('');
  return text.type === 'mrkdwn' ? mrkdwn(text.text, doing.names) : plain(text.text);
}

/**
 * @param {any} block
 * @param {Doing} doing
 * @returns {HTMLElement | null}
 */
export function renderBlock(block, doing) {
  switch (block.type) {
    case 'header':
      return h('h3', { class: 'block-header' }, words(block.text, doing));
    case 'section':
      return section(block, doing);
    case 'context':
      return h(
        'div',
        { class: 'block-context' },
        ...block.elements.map((part) =>
          part.type === 'image' ? picture(part) : h('span', {}, words(part, doing)),
        ),
      );
    case 'actions':
      return h(
        'div',
        { class: 'block-actions' },
        ...block.elements.map((part) => makeElement(part, block.block_id, doing)),
      );
    case 'divider':
      return h('hr');
    case 'image':
      return h(
        'figure',
        {},
        block.title ? h('figcaption', {}, words(block.title, doing)) : null,
        picture(block),
      );
    case 'rich_text':
      return richText(block, doing.names);
    default:
      return null;
  }
}

/**
 * @param {any} block
 * @param {Doing} doing
 */
function section(block, doing) {
  const body = h('div', { class: 'block-text' });
  if (block.text) body.append(words(block.text, doing));
  if (block.fields)
    body.append(
      h('div', { class: 'fields' }, ...block.fields.map((field) => h('div', {}, words(field, doing)))),
    );
  const { accessory } = block;
  const beside =
    accessory?.type === 'image'
      ? picture(accessory)
      : accessory && makeElement(accessory, block.block_id, doing);
  return h('div', { class: 'block-section' }, body, beside);
}

/** @param {{ image_url: string, alt_text: string }} image */
function picture(image) {
  const own = image.image_url.startsWith('/slack-workspace/file/');
  // Pictures from elsewhere are not fetched: this page asks nothing of any other machine.
  if (!own) return h('span', { class: 'picture-away' }, `[picture: ${image.alt_text}]`);
  return h('img', { src: image.image_url, alt: image.alt_text, loading: 'lazy' });
}
