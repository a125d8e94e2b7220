import { byId, h, keeper, place, whileDisabled } from './dom.js';
import { HOME } from './home.js';
import { press } from './talk.js';

/**
 * @param {any} state
 * @param {{ channel: string, choosePerson: (id: string) => void, chooseChannel: (id: string) => void }} page
 */
export function showSidebar(state, page) {
  people(state, page.choosePerson);
  channels(state, page);
  tries(state.tries);
  sandbox(state.sandbox);
}

const personRow = keeper(({ person, isMe }) =>
  h(
    'label',
    { class: 'person' },
    h('input', { type: 'radio', name: 'me', value: person.id, checked: isMe, 'aria-label': person.name }),
    h('span', { class: 'avatar', 'data-user': person.id, 'aria-hidden': 'true' }, person.name.charAt(0)),
    h('span', { class: 'who' }, h('b', {}, person.name), h('small', {}, person.title)),
  ),
);

function people(state, choose) {
  const fieldset = byId('people');
  const legend = fieldset.querySelector('legend');
  const rows = state.people.map((person) => personRow(person.id, { person, isMe: person.id === state.me }));
  place(fieldset, [...(legend ? [legend] : []), ...rows]);
  fieldset.onchange = (event) => choose(/** @type {HTMLInputElement} */ (event.target).value);
}

const channelRow = keeper(({ channel, isOpen }) =>
  h(
    'button',
    { type: 'button', 'data-channel': channel.id, 'aria-current': isOpen ? 'page' : undefined },
    channel.id === HOME ? channel.name : `# ${channel.name}`,
  ),
);

function channels(state, page) {
  const nav = byId('channels');
  place(
    nav,
    [{ id: HOME, name: 'App Home' }, ...state.channels].map((channel) =>
      channelRow(channel.id, { channel, isOpen: channel.id === page.channel }),
    ),
  );
  nav.onclick = (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest('button');
    if (row?.dataset.channel) page.chooseChannel(row.dataset.channel);
  };
}

const lineOf = keeper((text) => h('li', {}, text));

function tries(lines) {
  const box = byId('tries');
  box.hidden = lines.length === 0;
  const list = box.querySelector('ol');
  if (list !== null)
    place(
      list,
      lines.map((line) => lineOf(`try ${line}`, line)),
    );
}

const pressRow = keeper((button) => {
  const made = /** @type {HTMLButtonElement} */ (
    h(
      'button',
      {
        type: 'button',
        class: 'button',
        'aria-describedby': `note-${button.id}`,
        onClick: () => whileDisabled(made, () => press(button.id)),
      },
      button.title,
    )
  );
  return h('div', { class: 'press' }, made, h('small', { id: `note-${button.id}` }, button.note));
});

function sandbox(panel) {
  const box = byId('sandbox');
  box.hidden = panel === null;
  if (panel === null) return;
  const lines = box.querySelector('.lines');
  const presses = box.querySelector('.presses');
  if (lines !== null)
    place(
      lines,
      panel.lines.map((line, i) => lineOf(`line ${i}`, line)),
    );
  if (presses !== null)
    place(
      presses,
      panel.buttons.map((button) => pressRow(button.id, button)),
    );
}
