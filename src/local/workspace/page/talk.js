/** What the page asks of the workspace. */

/** @param {string} error */
export function tellProblem(error) {
  const box = document.getElementById('notices');
  if (box === null) return;
  const line = document.createElement('p');
  line.textContent = `${error.charAt(0).toUpperCase()}${error.slice(1)}`;
  box.replaceChildren(line);
  setTimeout(() => line.remove(), 8000);
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<{ ok: boolean, error?: string, errors?: Record<string, string> }>}
 */
async function send(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-workspace': '1' },
      body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { ok: false, error: 'the workspace does not answer: is the bot still running?' };
  }
}

/**
 * Does something as somebody; a problem is told, unless it belongs to a dialog's fields.
 * @param {object} what
 */
export async function act(what) {
  const answer = await send('/slack-workspace/act', what);
  if (!answer.ok && answer.errors === undefined) tellProblem(answer.error ?? 'that did not work');
  return answer;
}

/** @param {string} id */
export async function press(id) {
  const answer = await send('/slack-workspace/press', { id });
  if (!answer.ok) tellProblem(answer.error ?? 'that did not work');
}

/** @param {string} as */
export async function readState(as) {
  const answer = await fetch(`/slack-workspace/state?as=${encodeURIComponent(as)}`);
  if (!answer.ok) throw new Error(`the workspace answered ${answer.status}`);
  return answer.json();
}

/**
 * Calls `changed` now and whenever there is something new, until the page is closed.
 * @param {() => void} changed
 * @param {(isOpen: boolean) => void} connection
 */
export function listen(changed, connection) {
  const source = new EventSource('/slack-workspace/events');
  source.onopen = () => connection(true);
  source.onmessage = () => changed();
  source.onerror = () => connection(false);
}
