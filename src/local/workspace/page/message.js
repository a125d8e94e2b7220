import { renderBlock } from './blocks.js';
import { clock, h } from './dom.js';
import { mrkdwn } from './mrkdwn.js';
import { act } from './talk.js';

/**
 * @typedef {{
 *   channel: string, ts: string, threadTs: string | null, user: string, userName: string, isBot: boolean,
 *   text: string, blocks: any[] | null, files: any[], reactions: string[], edited: boolean, ephemeral: boolean,
 * }} Message
 * @typedef {{ message: Message, me: string, names: import('./mrkdwn.js').Names, replies: { count: number, latest: string } | null }} Shown
 */

/**
 * @param {Shown} shown `replies`: null where the thread itself is shown
 * @param {(ts: string) => void} openThread
 * @returns {HTMLElement}
 */
export function renderMessage({ message, me, names, replies }, openThread) {
  const { channel, ts } = message;
  const doing = {
    names,
    click: (blockId, actionId, selected) =>
      act({ as: me, kind: 'click', channel, ts, blockId, actionId, ...(selected ? { selected } : {}) }),
  };
  const blocks = (message.blocks ?? []).map((block) => renderBlock(block, doing)).filter(Boolean);
  const content =
    blocks.length > 0
      ? blocks
      : message.text === ''
        ? []
        : [h('div', { class: 'block-text' }, mrkdwn(message.text, names))];
  return h(
    'article',
    {
      class: `message${message.ephemeral ? ' ephemeral' : ''}`,
      'data-ts': ts,
      'aria-label': `${message.userName}, ${clock(ts)}`,
    },
    h(
      'span',
      { class: 'avatar', 'data-user': message.user, 'aria-hidden': 'true' },
      message.userName.charAt(0),
    ),
    h(
      'div',
      { class: 'content' },
      message.ephemeral ? h('p', { class: 'only-you' }, 'Only visible to you') : null,
      h(
        'p',
        { class: 'by' },
        h('b', {}, message.userName),
        message.isBot ? h('span', { class: 'app' }, 'App') : null,
        h('time', { datetime: new Date(Number(ts) * 1000).toISOString() }, clock(ts)),
      ),
      ...content,
      ...message.files.map(file),
      message.edited ? h('span', { class: 'edited' }, '(edited)') : null,
      message.reactions.length > 0
        ? h('p', { class: 'reactions' }, message.reactions.map((n) => `:${n}:`).join(' '))
        : null,
      replies === null || message.ephemeral ? null : replyLink(ts, replies, openThread),
    ),
  );
}

/** @param {any} shared */
function file(shared) {
  if (shared.mimetype.startsWith('image/'))
    return h(
      'figure',
      {},
      h('figcaption', {}, shared.title),
      h('img', { src: shared.url_private, alt: shared.title }),
    );
  return h(
    'a',
    { class: 'file', href: shared.url_private, target: '_blank', rel: 'noopener' },
    shared.title,
    h('small', {}, `${Math.max(1, Math.round(shared.size / 1024))} KB`),
  );
}

/**
 * @param {string} ts
 * @param {{ count: number, latest: string }} replies
 * @param {(ts: string) => void} openThread
 */
function replyLink(ts, { count, latest }, openThread) {
  const isEmpty = count === 0;
  return h(
    'button',
    { type: 'button', class: isEmpty ? 'reply-link quiet' : 'reply-link', onClick: () => openThread(ts) },
    isEmpty ? 'Reply in thread' : `${count} ${count === 1 ? 'reply' : 'replies'}`,
    isEmpty ? null : h('small', {}, `last at ${clock(latest)}`),
  );
}
