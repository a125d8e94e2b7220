import { byId, h } from './dom.js';
import { act } from './talk.js';

const SUGGESTIONS = ['/ops health moalog', '/ops status', '/ops help'];
const TALLEST_PX = 160;

/**
 * The two places to write in: the channel's, which takes commands, and the thread's.
 * @param {() => { me: string, channel: string, thread: string | null }} where
 */
export function startComposers(where) {
  const text = /** @type {HTMLTextAreaElement} */ (byId('composer-text'));
  const chips = byId('composer').querySelector('.chips');
  for (const suggestion of SUGGESTIONS)
    chips?.append(
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          onClick: () => {
            text.value = suggestion;
            text.focus();
          },
        },
        suggestion,
      ),
    );
  start('composer', text, (line) => {
    const { me, channel } = where();
    return line.startsWith('/')
      ? act({ as: me, kind: 'command', channel, text: line })
      : act({ as: me, kind: 'message', channel, threadTs: null, text: line });
  });
  start('reply', /** @type {HTMLTextAreaElement} */ (byId('reply-text')), (line) => {
    const { me, channel, thread } = where();
    return act({ as: me, kind: 'message', channel, threadTs: thread, text: line });
  });
}

/**
 * Enter sends, Shift+Enter starts a line, the arrow up brings back what was sent last.
 * @param {string} formId
 * @param {HTMLTextAreaElement} text
 * @param {(line: string) => Promise<{ ok: boolean }>} send
 */
function start(formId, text, send) {
  const form = /** @type {HTMLFormElement} */ (byId(formId));
  let last = '';
  let isSending = false;
  const grow = () => {
    text.style.height = 'auto';
    text.style.height = `${Math.min(text.scrollHeight, TALLEST_PX)}px`;
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const line = text.value.trim();
    if (line === '' || isSending) return;
    isSending = true;
    text.value = '';
    grow();
    const { ok } = await send(line);
    isSending = false;
    last = line;
    if (!ok && text.value === '') text.value = line;
    grow();
  });
  text.addEventListener('input', grow);
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === 'ArrowUp' && text.value === '' && last !== '') {
      event.preventDefault();
      text.value = last;
      grow();
    }
  });
}
