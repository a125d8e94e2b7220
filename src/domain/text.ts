/** Text from outside is data: made harmless for mrkdwn, one line where one is meant, and cut. */

// C0 and C1 controls, bidirectional overrides and isolates, zero-width characters, line separators.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const ANSI = /\u001b\[[0-9;?]*[ -/]*[@-~]/gu;

/** Without ANSI codes and characters that can't be seen; keeps tabs and new lines. */
export function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(ANSI, '').replace(INVISIBLE, '');
}

/** One line, at most `max` characters, with what was cut said by an ellipsis. */
export function oneLine(text: string, max = 200): string {
  const line = plain(text).replace(/\s+/gu, ' ').trim();
  return cut(line, max);
}

/** At most `max` UTF-16 units, never ending in half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = text.slice(0, Math.max(0, max - 1));
  return `${/[\ud800-\udbff]$/u.test(end) ? end.slice(0, -1) : end}…`;
}

/**
 * Slack's three control characters as entities (docs.slack.dev, "Formatting message text"), and characters that
 * would become markup as their look-alikes; the underscore stays, as it is in many names.
 */
export function escapeMrkdwn(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replaceAll('`', 'ˋ');
}

/** Inside a code span or fence only the three control characters and the back-tick matter. */
export function escapeCode(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('`', 'ˋ');
}
