import { byId, h } from './dom.js';
import { mrkdwn } from './mrkdwn.js';

/**
 * A button's own question; true: go on.
 * @param {any} confirm
 * @param {import('./mrkdwn.js').Names} names
 * @returns {Promise<boolean>}
 */
export function askFirst(confirm, names) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'));
  dialog.replaceChildren(
    h(
      'form',
      { method: 'dialog' },
      h('h2', { id: 'confirm-title', class: 'dialog-title' }, confirm.title.text),
      h('p', {}, mrkdwn(confirm.text.text, names)),
      h(
        'div',
        { class: 'dialog-buttons' },
        h('button', { class: 'button', value: 'no' }, confirm.deny.text),
        h('button', { class: `button ${confirm.style ?? 'primary'}`, value: 'yes' }, confirm.confirm.text),
      ),
    ),
  );
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
