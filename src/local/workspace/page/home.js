/** App Home of whoever acts: shown where a channel's messages would be. */
import { renderBlock } from './blocks.js';
import { byId, h, keeper, place } from './dom.js';
import { act } from './talk.js';

/** Stands among the channels; no channel's id. */
export const HOME = 'home';

const kept = keeper(({ blocks, names }) => {
  // What Home offers is links: buttons on it would have no message to belong to.
  const doing = { names, click: async () => undefined };
  const shown = blocks?.map((block) => renderBlock(block, doing)).filter(Boolean);
  return h('article', { class: 'home' }, ...(shown ?? ['Nothing has been published here yet.']));
});

/** @param {string} me */
export const openHome = (me) => act({ kind: 'home', as: me });

/**
 * @param {any} state
 * @param {import('./mrkdwn.js').Names} names
 */
export function showHome(state, names) {
  byId('channel-name').textContent = 'App Home';
  byId('channel-topic').textContent = 'What Slack shows you alone';
  byId('messages').setAttribute('aria-label', 'App Home');
  place(byId('messages'), [kept('home', { blocks: state.home, names })]);
}
