import { h } from './dom.js';

/** Slack's date tokens, each as a browser says it (docs.slack.dev, "Date formatting"). */
const TOKENS = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
};

/** @param {Date} at */
function dayWord(at) {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  const days = Math.floor((at.getTime() - midnight.getTime()) / 86_400_000);
  return { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days];
}

/** @param {Date} at */
function ago(at) {
  const seconds = Math.round((at.getTime() - Date.now()) / 1000);
  const words = new Intl.RelativeTimeFormat([], { numeric: 'auto' });
  if (Math.abs(seconds) < 60) return words.format(seconds, 'second');
  if (Math.abs(seconds) < 3600) return words.format(Math.round(seconds / 60), 'minute');
  return words.format(Math.round(seconds / 3600), 'hour');
}

/**
 * `!date^UNIX^FORMAT` in the reader's own time zone.
 * @param {string} target
 * @param {string} fallback
 * @returns {Node}
 */
export function sayDate(target, fallback) {
  const [, unix = '', format = ''] = target.split('^');
  const at = new Date(Number(unix) * 1000);
  if (unix === '' || Number.isNaN(at.getTime())) return document.createTextNode(fallback);
  const said = format.replace(/\{(\w+)\}/gu, (whole, token) => {
    if (token === 'ago') return ago(at);
    const plain = token.replace(/_pretty$/u, '');
    const word = token === plain ? undefined : dayWord(at);
    if (word !== undefined) return word;
    const options = Object.hasOwn(TOKENS, plain) ? TOKENS[plain] : undefined;
    return options === undefined ? whole : new Intl.DateTimeFormat([], options).format(at);
  });
  return h('time', { datetime: at.toISOString(), title: at.toISOString() }, said);
}
