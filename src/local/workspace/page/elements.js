import { askFirst } from './confirm.js';
import { h, whileDisabled } from './dom.js';
import { link, mrkdwn } from './mrkdwn.js';

/**
 * What the blocks of one message need: who is who, and how a click is told.
 * @typedef {{
 *   names: import('./mrkdwn.js').Names,
 *   click: (blockId: string, actionId: string, selected?: string[]) => Promise<unknown>,
 * }} Doing
 */

/**
 * @param {any} element
 * @param {string} blockId
 * @param {Doing} doing
 * @returns {Node | null}
 */
export function element(element, blockId, doing) {
  switch (element.type) {
    case 'button':
      return button(element, blockId, doing);
    case 'checkboxes':
    case 'radio_buttons':
      return ticks(element, blockId, doing);
    case 'static_select':
    case 'overflow':
      return select(element, blockId, doing);
    default:
      return null;
  }
}

function button(element, blockId, doing) {
  if (element.url) {
    const made = link(element.url, element.text.text);
    if (made instanceof HTMLElement) made.className = 'button';
    return made;
  }
  const made = /** @type {HTMLButtonElement} */ (
    h(
      'button',
      {
        type: 'button',
        class: `button ${element.style ?? ''}`,
        'data-action': element.action_id,
        'aria-label': element.accessibility_label,
        onClick: async () => {
          if (element.confirm && !(await askFirst(element.confirm, doing.names))) return;
          await whileDisabled(made, () => doing.click(blockId, element.action_id));
        },
      },
      element.text.text,
    )
  );
  return made;
}

function ticks(element, blockId, doing) {
  const type = element.type === 'checkboxes' ? 'checkbox' : 'radio';
  const initial = [...(element.initial_options ?? []), element.initial_option].filter(Boolean);
  const group = h('div', { class: 'ticks', role: 'group' });
  for (const option of element.options) {
    const box = /** @type {HTMLInputElement} */ (
      h('input', {
        type,
        name: `${blockId}/${element.action_id}`,
        value: option.value,
        checked: initial.some((chosen) => chosen.value === option.value),
        onChange: () => {
          const chosen = [...group.querySelectorAll('input:checked')];
          doing.click(
            blockId,
            element.action_id,
            chosen.map((input) => /** @type {HTMLInputElement} */ (input).value),
          );
        },
      })
    );
    const note = option.description ? h('small', {}, option.description.text) : null;
    const { type: kind, text } = option.text;
    const words = kind === 'mrkdwn' ? mrkdwn(text, doing.names) : text;
    group.append(h('label', {}, box, h('span', {}, words, note)));
  }
  return group;
}

function select(element, blockId, doing) {
  const placeholder = element.type === 'overflow' ? 'More …' : (element.placeholder?.text ?? 'Choose …');
  const made = /** @type {HTMLSelectElement} */ (
    h(
      'select',
      {
        'aria-label': placeholder,
        onChange: () => {
          if (made.value !== '') doing.click(blockId, element.action_id, [made.value]);
        },
      },
      h('option', { value: '' }, placeholder),
      ...element.options.map((option) =>
        h(
          'option',
          { value: option.value, selected: element.initial_option?.value === option.value },
          option.text.text,
        ),
      ),
    )
  );
  return made;
}
