import { sayDate } from './dates.js';
import { h } from './dom.js';
import { plain } from './plain.js';

/** @typedef {{ people: { id: string, name: string }[], channels: { id: string, name: string }[] }} Names */

const EMOJI = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  rotating_light: '🚨',
  fire: '🔥',
  bell: '🔔',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  large_orange_circle: '🟠',
  red_circle: '🔴',
  white_circle: '⚪',
  black_circle: '⚫',
  eyes: '👀',
  mag: '🔍',
  wrench: '🔧',
  lock: '🔒',
  tada: '🎉',
  memo: '📝',
  question: '❓',
  no_entry: '⛔',
  information_source: 'ℹ️',
  arrows_counterclockwise: '🔄',
  thumbsup: '👍',
  '+1': '👍',
  wave: '👋',
};

/** What Slack makes of a line: code first, then `<…>`, then emphasis that stands between words. */
const INLINE =
  /`(?<code>[^`\n]+)`|<(?<angle>[^<>\n]+)>|(?<![\p{L}\p{N}*])\*(?=\S)(?<bold>[^*\n]*?\S)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?=\S)(?<italic>[^_\n]*?\S)_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?=\S)(?<strike>[^~\n]*?\S)~(?![\p{L}\p{N}~])|:(?<emoji>[a-z0-9_+-]+):/gu;

/** @param {string} text */
const unescaped = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/**
 * Slack's mrkdwn as DOM nodes.
 * @param {string} text
 * @param {Names} names
 * @returns {DocumentFragment}
 */
export function mrkdwn(text, names) {
  const out = document.createDocumentFragment();
  const parts = text.split(/```([\s\S]*?)```/u);
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 1)
      out.append(h('pre', { tabindex: '0' }, h('code', {}, unescaped(part.replace(/^\n|\n$/gu, '')))));
    else if (part !== '') out.append(...paragraphs(i === 0 ? part : part.replace(/^\n/u, ''), names));
  }
  return out;
}

/**
 * Lines, with quoted ones together.
 * @param {string} text
 * @param {Names} names
 * @returns {Node[]}
 */
function paragraphs(text, names) {
  /** @type {Node[]} */
  const out = [];
  /** @type {HTMLElement | null} */
  let quote = null;
  for (const [i, line] of text.split('\n').entries()) {
    const quoted = /^(?:&gt;|>) ?(.*)$/u.exec(line);
    if (quoted) {
      if (quote === null) {
        quote = h('blockquote');
        out.push(quote);
      } else quote.append(h('br'));
      quote.append(...inline(quoted[1] ?? '', names));
      continue;
    }
    if (i > 0 && quote === null) out.push(h('br'));
    quote = null;
    out.push(...inline(line, names));
  }
  return out;
}

/**
 * @param {string} text
 * @param {Names} names
 * @returns {Node[]}
 */
function inline(text, names) {
  /** @type {Node[]} */
  const out = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const made = node(match.groups ?? {}, names);
    if (made === null) continue;
    if (match.index > from) out.push(plain(unescaped(text.slice(from, match.index))));
    out.push(made);
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push(plain(unescaped(text.slice(from))));
  return out;
}

/**
 * @param {Record<string, string | undefined>} found
 * @param {Names} names
 * @returns {Node | null}
 */
function node({ code, angle, bold, italic, strike, emoji }, names) {
  if (code !== undefined) return h('code', {}, unescaped(code));
  if (angle !== undefined) return special(angle, names);
  if (bold !== undefined) return h('strong', {}, ...inline(bold, names));
  if (italic !== undefined) return h('em', {}, ...inline(italic, names));
  if (strike !== undefined) return h('s', {}, ...inline(strike, names));
  const sign = emoji !== undefined && Object.hasOwn(EMOJI, emoji) ? EMOJI[emoji] : undefined;
  return sign === undefined ? null : h('span', {}, plain(sign));
}

/**
 * `<@U…>`, `<#C…>`, `<!…>` and links.
 * @param {string} inside
 * @param {Names} names
 * @returns {Node}
 */
function special(inside, names) {
  const [target = '', label] = inside.split(/\|(.*)/su);
  const mention = (/** @type {string} */ text) => h('span', { class: 'mention' }, text);
  if (target.startsWith('@')) {
    const known = names.people.find((person) => person.id === target.slice(1));
    return mention(`@${known?.name ?? label ?? target.slice(1)}`);
  }
  if (target.startsWith('#')) {
    const known = names.channels.find((channel) => channel.id === target.slice(1));
    return mention(`#${known?.name ?? label ?? target.slice(1)}`);
  }
  if (target.startsWith('!date^')) return sayDate(target, unescaped(label ?? ''));
  if (target.startsWith('!subteam^')) return mention(unescaped(label ?? '@group'));
  if (target.startsWith('!')) return mention(`@${unescaped(label ?? target.slice(1))}`);
  return link(unescaped(target), unescaped(label ?? target));
}

/**
 * Only addresses that can't run anything become links.
 * @param {string} address
 * @param {string} label
 */
export function link(address, label) {
  if (!/^(?:https?:\/\/|mailto:)/iu.test(address)) return document.createTextNode(label);
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label);
}
