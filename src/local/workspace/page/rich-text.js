import { h } from './dom.js';
import { link } from './mrkdwn.js';

/**
 * The few parts of rich text that the bot could use.
 * @param {any} block
 * @param {import('./mrkdwn.js').Names} names
 * @returns {HTMLElement}
 */
export function richText(block, names) {
  return h('div', { class: 'block-text' }, ...block.elements.map((part) => richPart(part, names)));
}

/**
 * @param {any} part
 * @param {import('./mrkdwn.js').Names} names
 * @returns {HTMLElement}
 */
function richPart(part, names) {
  const inside = () => part.elements.map((piece) => richPiece(piece, names));
  switch (part.type) {
    case 'rich_text_list':
      return h(
        part.style === 'ordered' ? 'ol' : 'ul',
        {},
        ...part.elements.map((item) => h('li', {}, richPart(item, names))),
      );
    case 'rich_text_preformatted':
      return h('pre', { tabindex: '0' }, ...inside());
    case 'rich_text_quote':
      return h('blockquote', {}, ...inside());
    default:
      return h('p', {}, ...inside());
  }
}

/**
 * @param {any} piece
 * @param {import('./mrkdwn.js').Names} names
 * @returns {Node}
 */
function richPiece(piece, names) {
  if (piece.type === 'link') return link(piece.url, piece.text ?? piece.url);
  if (piece.type === 'user') {
    const known = names.people.find((person) => person.id === piece.user_id);
    return h('span', { class: 'mention' }, `@${known?.name ?? piece.user_id}`);
  }
  const text = String(piece.text ?? piece.name ?? '');
  const { bold, italic, strike, code } = piece.style ?? {};
  if (code) return h('code', {}, text);
  if (bold) return h('strong', {}, text);
  if (italic) return h('em', {}, text);
  return strike ? h('s', {}, text) : document.createTextNode(text);
}
