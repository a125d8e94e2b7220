import { expect, test } from 'vitest';
import { meantBy } from '../../src/slack/mentions/in-thread.ts';

const thread = { id: 7, system: 'moalog', service: 'redis' };
const command = (text: string) => ({ kind: 'command', text });

test.each([
  ['health', command('health moalog redis')],
  ['HEALTH', command('health moalog redis')],
  ['health mari', command('health mari')],
  ['ps', command('ps moalog')],
  ['logs', command('logs moalog redis')],
  ['logs 50', command('logs moalog redis 50')],
  ['logs follow 30s', command('logs moalog redis follow 30s')],
  ['logs moalog mysql', command('logs moalog mysql')],
  ['report', command('report INC-7')],
  ['report INC-3', command('report INC-3')],
  ['silence 2h', command('silence INC-7 2h')],
  ['silence 2h planned work', command('silence INC-7 2h planned work')],
  ['silence list', command('silence list')],
  ['run dbis-core/database-recovery file=x', command('run dbis-core/database-recovery file=x INC-7')],
  ['note customers see  502', { kind: 'note', text: 'customers see  502' }],
  ['escalate', { kind: 'escalate' }],
  ['ack', { kind: 'change', change: 'acknowledge' }],
  ['resolve', { kind: 'change', change: 'resolve' }],
  ['approve STEP-3', command('approve STEP-3')],
  ['', command('')],
])('in an incident’s thread “%s” means what the thread is about', (text, meant) => {
  expect(meantBy(text, thread)).toEqual(meant);
});

test('elsewhere it is the command that was typed', () => {
  for (const text of ['health', 'note x', 'escalate', 'silence 2h'])
    expect(meantBy(text, null)).toEqual(command(text));
});

test('where the incident names no system, none is added', () => {
  expect(meantBy('health', { id: 7, system: null, service: null })).toEqual(command('health'));
  expect(meantBy('report', { id: 7, system: null, service: null })).toEqual(command('report INC-7'));
});
