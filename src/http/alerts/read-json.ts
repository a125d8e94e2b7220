/** The body as JSON, or where it stops being any. */
import type { Note } from './repairs.ts';

export type ReadJson = { readonly json: unknown } | { readonly problem: string };

/** What no JSON text may hold unescaped; blanks between tokens are no such. */
const RAW_CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/gu;
const TOKEN =
  /\s*(?:[{}[\],:]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy;

export function readJson(raw: string, note: Note): ReadJson {
  if (raw.trim() === '') return { problem: 'the body is empty; expected Alertmanager’s webhook JSON' };
  try {
    return { json: JSON.parse(raw) };
  } catch (error) {
    const mended = raw.replace(RAW_CONTROLS, '\ufffd');
    if (mended !== raw) {
      try {
        const json: unknown = JSON.parse(mended);
        note('the body', 'held control characters (shown as \ufffd)');
        return { json };
      } catch {
        // Told as it came.
      }
    }
    return { problem: `the body is not JSON: ${describeSyntaxError(error, raw)}` };
  }
}

/** Where the first thing stands that is no JSON token: V8 doesn't always say. */
function firstStrangeText(raw: string): number {
  TOKEN.lastIndex = 0;
  let end = 0;
  while (TOKEN.test(raw)) end = TOKEN.lastIndex;
  return end + (/^\s*/u.exec(raw.slice(end))?.[0].length ?? 0);
}

function describeSyntaxError(error: unknown, raw: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/end of JSON|Unterminated/iu.test(message)) return `it is cut off at position ${raw.length}`;
  const position = Number(/position (\d+)/u.exec(message)?.[1] ?? firstStrangeText(raw));
  return position >= raw.length
    ? `it is cut off at position ${raw.length}`
    : `unexpected text at position ${position} of ${raw.length}`;
}
