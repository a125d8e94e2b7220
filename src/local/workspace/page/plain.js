import { h } from './dom.js';

/** States are drawn, so that they look alike where no emoji font is installed; the sign itself stays in the text. */
const DOTS = {
  '🟢': 'green',
  '🟡': 'yellow',
  '🟠': 'orange',
  '🔴': 'red',
  '⚪': 'grey',
  '⚫': 'grey',
  '🔵': 'blue',
  '⏳': 'waiting',
  '✅': 'yes',
  '❌': 'no',
};
const DOT = /([🟢🟡🟠🔴⚪⚫🔵⏳✅❌])/u;

/**
 * Text as it is, with states drawn.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function plain(text) {
  const out = document.createDocumentFragment();
  for (const part of text.split(DOT))
    if (part !== '')
      out.append(Object.hasOwn(DOTS, part) ? h('span', { class: `dot ${DOTS[part]}` }, part) : part);
  return out;
}
