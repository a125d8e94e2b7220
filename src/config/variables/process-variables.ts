/** Where the process listens, what part it plays, and what it writes to disk and log. */
import { ENVIRONMENTS } from '../../domain/target.ts';
import { anyText, integer, oneOf } from '../forms.ts';
import type { Table } from '../row.ts';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const processVariables = {
  PAGETURNER_ENV: {
    form: oneOf(ENVIRONMENTS),
    otherwise: '`dev`; with Slack there is no default',
    example: 'prod',
    needed: true,
    says: 'The environment of the systems under care. It decides how strict decisions are: in prod a change needs its window.',
  },
  PAGETURNER_MODE: {
    form: oneOf(['act', 'observe']),
    standard: 'act',
    says: 'With observe, diagnosis, plans and decisions work as usual, and nothing is ever executed.',
  },
  PAGETURNER_ROLE: {
    form: oneOf(['all', 'gateway', 'worker']),
    standard: 'all',
    says: 'For more than one process: a gateway takes requests, a worker does the work. They share DATABASE_URL and REDIS_URL.',
  },
  HOST: {
    form: anyText,
    standard: '127.0.0.1',
    says: 'The address to listen on. The local workspace listens on loopback only.',
  },
  PORT: { form: integer(0, 65_535), standard: '4280', says: 'The port to listen on; 0 takes a free one.' },
  PAGETURNER_DATA: {
    form: anyText,
    standard: '.pageturner',
    says: 'The folder of the embedded PostgreSQL and of keys that the bot made.',
  },
  RUNBOOKS_DIR: { form: anyText, standard: 'runbooks', says: 'The folder of the runbooks.' },
  LOG_LEVEL: { form: oneOf(LEVELS), standard: 'info', says: 'The least important line that is logged.' },
} satisfies Table;
