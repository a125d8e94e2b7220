/** The page: keeps what is chosen, reads the workspace's state whenever it changes, and shows it. */
import { startComposers } from './composer.js';
import { byId, keeper, place } from './dom.js';
import { HOME, openHome, showHome } from './home.js';
import { renderMessage } from './message.js';
import { showModal } from './modal.js';
import { showSidebar } from './sidebar.js';
import { listen, readState } from './talk.js';

/** Who, where, and which thread is open. */
const chosen = {
  me: sessionStorage.getItem('me') ?? '',
  channel: '',
  thread: /** @type {string | null} */ (null),
};
/** Messages seen so far: a new incident opens its thread by itself. */
const seen = new Set();
let state = /** @type {any} */ (null);
let reading = false;
let readAgain = false;
let isConnected = true;

const inChannel = keeper((shown) => renderMessage(shown, openThread));
const inThread = keeper((shown) => renderMessage(shown, openThread));

/** @param {string | null} ts */
function openThread(ts) {
  chosen.thread = ts;
  show();
  if (ts !== null) byId('replies').scrollTop = byId('replies').scrollHeight;
}

/** What is said of a thread below its first message. */
function counted(/** @type {any[]} */ replies) {
  const heard = replies.filter((reply) => !reply.ephemeral);
  return { count: heard.length, latest: heard.at(-1)?.ts ?? '' };
}

const lists = () => [byId('messages'), byId('replies')];
const isAtBottom = (/** @type {HTMLElement} */ list) =>
  list.scrollHeight - list.scrollTop - list.clientHeight < 80;

/** Whoever was at the bottom stays there, though a thread that opens makes everything narrower. */
function show() {
  const sticking = lists().filter(isAtBottom);
  showAll();
  for (const list of sticking) list.scrollTop = list.scrollHeight;
}

function showAll() {
  if (state === null) return;
  const { me, people, channels, messages } = state;
  const names = { people, channels };
  showSidebar(state, {
    channel: chosen.channel,
    choosePerson(id) {
      chosen.me = id;
      sessionStorage.setItem('me', id);
      if (chosen.channel === HOME) openHome(id);
      read();
    },
    chooseChannel(id) {
      chosen.channel = id;
      chosen.thread = null;
      if (id === HOME) openHome(chosen.me);
      show();
    },
  });
  const isHome = chosen.channel === HOME;
  byId('composer').hidden = isHome;
  if (isHome) {
    byId('thread').hidden = true;
    document.body.classList.remove('with-thread');
    showHome(state, names);
    showModal(state.view, me, names);
    return;
  }
  const channel = channels.find((candidate) => candidate.id === chosen.channel);
  const here = messages.filter((message) => message.channel === chosen.channel);
  byId('channel-name').textContent = `# ${channel?.name ?? ''}`;
  byId('channel-topic').textContent = channel?.topic ?? '';
  byId('messages').setAttribute('aria-label', `Messages in ${channel?.name ?? ''}`);
  byId('composer-text').setAttribute('placeholder', `Message #${channel?.name ?? ''}, or /ops …`);
  const acting = people.find((person) => person.id === me);
  const line = byId('composer').querySelector('.acting');
  if (line !== null) line.textContent = `Acting as ${acting?.name} · ${acting?.title}`;

  const replies = Map.groupBy(here, (message) => message.threadTs ?? '');
  place(
    byId('messages'),
    (replies.get('') ?? []).map((message) =>
      inChannel(message.ts, {
        ...{ message, me, names },
        replies: counted(replies.get(message.ts) ?? []),
      }),
    ),
  );
  const root = here.find((message) => message.ts === chosen.thread);
  const pane = byId('thread');
  pane.hidden = root === undefined;
  document.body.classList.toggle('with-thread', root !== undefined);
  if (root !== undefined) {
    pane.dataset.thread = root.ts;
    place(
      byId('replies'),
      [root, ...(replies.get(root.ts) ?? [])].map((message) =>
        inThread(message.ts, { message, me, names, replies: null }),
      ),
    );
  }
  showModal(state.view, me, names);
}

/** A new incident's thread is opened when none is; so is a thread in which this person alone was answered. */
function follow(/** @type {any[]} */ messages, /** @type {boolean} */ isFirst) {
  for (const message of messages) {
    if (seen.has(message.ts)) continue;
    seen.add(message.ts);
    const isIncident = message.isBot && message.threadTs === null && /\bINC-\d+/u.test(message.text);
    if (isIncident && message.channel === chosen.channel && (isFirst || chosen.thread === null))
      chosen.thread = message.ts;
    if (!isFirst && message.ephemeral && message.threadTs !== null && chosen.thread === null)
      chosen.thread = message.threadTs;
  }
}

async function read() {
  if (reading) {
    readAgain = true;
    return;
  }
  reading = true;
  const asked = chosen.me;
  // Where nothing can be read, the connection's own line says so, and reading goes on once it is back.
  const answer = await readState(asked).catch(() => null);
  reading = false;
  if (asked !== chosen.me) readAgain = true;
  else if (answer !== null) take(answer);
  if (readAgain) {
    readAgain = false;
    read();
  }
}

function take(/** @type {any} */ answer) {
  const isFirst = state === null;
  state = answer;
  chosen.me = answer.me;
  if (isFirst) chosen.channel = answer.defaultChannel;
  follow(answer.messages, isFirst);
  show();
  showStatus();
}

function showStatus() {
  byId('connection').textContent = isConnected ? (state?.notice ?? '') : 'Connection lost, trying again …';
}

byId('close-thread').addEventListener('click', () => openThread(null));
startComposers(() => chosen);
listen(read, (isOpen) => {
  isConnected = isOpen;
  showStatus();
  if (isOpen) read();
});
