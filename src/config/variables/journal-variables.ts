/** Where the truth and the queue are kept, and for how long. */
import {
  address,
  anyText,
  duration,
  integer,
  plainName,
  queueAddress,
  secretText,
  secretTexts,
} from '../forms.ts';
import type { Table } from '../row.ts';

export const journalVariables = {
  DATABASE_URL: {
    form: address('postgres', 'postgresql'),
    otherwise: 'the embedded PostgreSQL',
    example: 'postgres://pageturner:secret@127.0.0.1:5432/pageturner',
    says: 'The PostgreSQL of the journal. In prod its role is no superuser and owns nothing there.',
  },
  DATABASE_OWNER_URL: {
    form: address('postgres', 'postgresql'),
    otherwise: 'DATABASE_URL',
    example: 'postgres://pageturner_owner:secret@127.0.0.1:5432/pageturner',
    says: 'The same database, as the role that owns the tables: for pageturner migrate. Keep it away from the bot.',
  },
  DATABASE_SCHEMA: {
    form: plainName,
    standard: 'public',
    example: 'pageturner',
    says: 'The schema of the tables, where the role has no rights on public. The queue on PostgreSQL has its own, bullmq.',
  },
  REDIS_URL: {
    form: queueAddress,
    otherwise: 'the queue is on PostgreSQL',
    example: [
      'redis://:secret@127.0.0.1:6379/0',
      'redis+sentinel://:secret@10.0.0.1:26379,10.0.0.2:26379/pageturner/0',
    ],
    says: 'The Redis of the queue; its maxmemory-policy must be noeviction. Several Sentinels: one address that names them all.',
  },
  AUDIT_KEY: {
    form: secretText(16),
    secret: true,
    otherwise: 'made once and kept in PAGETURNER_DATA; needed in prod and with several processes',
    example: '$(openssl rand -hex 32)',
    needed: true,
    says: 'Signs the audit log. Keep a copy away from the database.',
  },
  AUDIT_KEY_PREVIOUS: {
    form: secretTexts(16),
    secret: true,
    otherwise: 'the key was never changed',
    example: 'the-key-before,the-one-before-that',
    says: 'The keys before pageturner audit rotate, the newest first: they verify and decrypt what is older.',
  },
  AUDIT_HEAD_FILE: {
    form: anyText,
    otherwise: 'not written to a file',
    example: '/var/log/pageturner/heads.jsonl',
    says: "An append-only file, outside of the database's reach, that gets the audit log's head after each action and once a day. A start compares.",
  },
  AUDIT_HEAD_URL: {
    form: address('http', 'https'),
    otherwise: 'not sent anywhere',
    example: 'https://audit.example.com/pageturner',
    says: 'The same by POST, one JSON object each. Where GET gives them back, a line each, a start compares.',
  },
  UNDO_MAX_BYTES: {
    form: integer(0, 16 * 1024 ** 3),
    standard: String(256 * 1024 * 1024),
    says: 'Above this many bytes a flush has no undo and needs two approvers.',
  },
  RETAIN_INCIDENTS: {
    form: duration(),
    standard: '365d',
    says: 'How long resolved incidents are kept. The audit log stays.',
  },
  RETAIN_HEALTH: { form: duration(), standard: '7d', says: 'How long health answers are kept.' },
  RETAIN_NOTICES: { form: duration(), standard: '30d', says: 'How long notices are kept.' },
  RETAIN_UNDO: { form: duration(), standard: '7d', says: 'How long an undo is kept.' },
} satisfies Table;
