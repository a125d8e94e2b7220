/** How long people have to decide, and who is called when nobody does. */
import { address, anyText, duration } from '../forms.ts';
import type { Table } from '../row.ts';

/** developer.pagerduty.com, Events API v2: what a routing key is for, unless another address is given. */
export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

export const peopleVariables = {
  APPROVAL_EXPIRES_ALERT: {
    form: duration(),
    standard: '15m',
    says: 'How long a request that an alert made waits for a decision.',
  },
  APPROVAL_EXPIRES_PERSON: {
    form: duration(),
    standard: '60m',
    says: 'How long a request that a person made waits for a decision.',
  },
  EXECUTION_DEADLINE: {
    form: duration(),
    standard: '10m',
    says: 'How soon after its approval an action must begin.',
  },
  PAGING_WEBHOOK_URL: {
    form: address('http', 'https'),
    // The address of a paging webhook is as good as a password.
    secret: true,
    otherwise: 'nobody is paged',
    example: PAGERDUTY_URL,
    says: 'Called when nobody answers. Any address gets plain JSON.',
  },
  PAGING_ROUTING_KEY: {
    form: anyText,
    secret: true,
    example: 'a-routing-key',
    says: 'With it a page has the form of PagerDuty’s Events API v2.',
  },
  HEARTBEAT_URL: {
    form: address('http', 'https'),
    otherwise: 'none',
    example: 'https://hc-ping.com/your-uuid',
    says: 'A dead man’s switch outside: asked (GET) as long as the bot and its journal are well.',
  },
  HEARTBEAT_EVERY: { form: duration(), standard: '1m', says: 'How often HEARTBEAT_URL is asked.' },
} satisfies Table;
