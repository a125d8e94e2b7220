import { renderBlock } from './blocks.js';
import { byId, h } from './dom.js';
import { act } from './talk.js';

/** What is shown: the view's id and hash, so that it is made anew only when it has changed. */
let shown = '';

/**
 * Shows the view that the bot has opened for this person, or none.
 * @param {{ id: string, view: any } | null} opened
 * @param {string} me
 * @param {import('./mrkdwn.js').Names} names
 */
export function showModal(opened, me, names) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('modal'));
  const wanted = opened === null ? '' : `${me}/${opened.id}/${opened.view.hash}`;
  if (wanted === shown) return;
  shown = wanted;
  if (opened === null) {
    dialog.close();
    return;
  }
  dialog.replaceChildren(form(opened, me, names));
  dialog.setAttribute('aria-labelledby', 'modal-title');
  dialog.oncancel = () => act({ as: me, kind: 'close', viewId: opened.id });
  if (!dialog.open) dialog.showModal();
}

/**
 * @param {{ id: string, view: any }} opened
 * @param {string} me
 * @param {import('./mrkdwn.js').Names} names
 */
function form({ id, view }, me, names) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const doing = { names, click: async () => undefined };
  const submit = /** @type {HTMLButtonElement | null} */ (
    view.submit ? h('button', { class: 'button primary', type: 'submit' }, view.submit.text) : null
  );
  const made = /** @type {HTMLFormElement} */ (
    h(
      'form',
      {
        onSubmit: async (event) => {
          event.preventDefault();
          if (submit !== null) submit.disabled = true;
          const answer = await act({ as: me, kind: 'submit', viewId: id, values: values(made) });
          problem.textContent = answer.errors ? Object.values(answer.errors).join(' ') : (answer.error ?? '');
          if (submit !== null) submit.disabled = false;
        },
      },
      h('h2', { id: 'modal-title', class: 'dialog-title' }, view.title.text),
      ...view.blocks.map((block) => (block.type === 'input' ? input(block) : renderBlock(block, doing))),
      problem,
      h(
        'div',
        { class: 'dialog-buttons' },
        h(
          'button',
          { class: 'button', type: 'button', onClick: () => act({ as: me, kind: 'close', viewId: id }) },
          view.close?.text ?? 'Close',
        ),
        submit,
      ),
    )
  );
  return made;
}

/**
 * An input block with its label.
 * @param {any} block
 */
function input(block) {
  const { element } = block;
  const place = { 'data-block': block.block_id, 'data-action': element.action_id };
  const required = block.optional !== true;
  if (element.type === 'checkboxes' || element.type === 'radio_buttons') {
    const type = element.type === 'checkboxes' ? 'checkbox' : 'radio';
    return h(
      'fieldset',
      { class: 'ticks' },
      h('legend', { class: 'label' }, block.label.text),
      ...element.options.map((option) =>
        h(
          'label',
          {},
          h('input', { ...place, type, name: block.block_id, value: option.value, 'data-many': true }),
          h('span', {}, option.text.text),
        ),
      ),
    );
  }
  const field =
    element.type === 'static_select'
      ? h(
          'select',
          { ...place, required },
          ...element.options.map((option) => h('option', { value: option.value }, option.text.text)),
        )
      : h(element.multiline ? 'textarea' : 'input', {
          ...place,
          required,
          rows: element.multiline ? '4' : undefined,
          maxlength: element.max_length ? String(element.max_length) : undefined,
          minlength: element.min_length ? String(element.min_length) : undefined,
          placeholder: element.placeholder?.text,
          value: element.multiline ? undefined : element.initial_value,
        });
  if (element.multiline && element.initial_value) field.append(element.initial_value);
  const hint = block.hint ? h('small', {}, block.hint.text) : null;
  return h('label', { class: 'input' }, h('span', { class: 'label' }, block.label.text), field, hint);
}

/**
 * What is filled in, by block and input.
 * @param {HTMLFormElement} form
 */
function values(form) {
  /** @type {Record<string, Record<string, string | string[]>>} */
  const filled = {};
  for (const field of form.querySelectorAll('[data-block]')) {
    const { block = '', action = '', many } = /** @type {HTMLElement} */ (field).dataset;
    const { value, checked } = /** @type {HTMLInputElement} */ (field);
    const inBlock = filled[block] ?? {};
    filled[block] = inBlock;
    if (many === undefined) inBlock[action] = value;
    else inBlock[action] = [...(inBlock[action] ?? []), ...(checked ? [value] : [])];
  }
  return filled;
}
