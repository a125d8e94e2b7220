/** Alerts on their way in, the tools they link to, and what is watched without being asked. */
import { address, anyText, duration, durationOrOff, topics } from '../forms.ts';
import type { Table } from '../row.ts';

export const alertVariables = {
  ALERTMANAGER_WEBHOOK_TOKEN: {
    form: anyText,
    secret: true,
    otherwise: 'in local mode the bot makes one',
    example: '$(openssl rand -hex 24)',
    needed: true,
    says: 'The bearer token that Alertmanager sends to the bot.',
  },
  ALERTMANAGER_WEBHOOK_USER: {
    form: anyText,
    example: 'alertmanager',
    says: 'Basic authentication instead of the token: the user.',
  },
  ALERTMANAGER_WEBHOOK_PASSWORD: {
    form: anyText,
    secret: true,
    example: '$(openssl rand -hex 24)',
    says: 'Basic authentication instead of the token: the password.',
  },
  SNS_TOPIC_ARN: {
    form: topics,
    otherwise: 'no subscription is confirmed',
    example: 'arn:aws:sns:eu-west-1:123456789012:alerts',
    says: 'Topics of Amazon SNS, separated by commas, through which Amazon Managed Prometheus sends its alerts.',
  },
  ALERTMANAGER_URL: {
    form: address('http', 'https'),
    otherwise: 'no silences',
    example: 'http://127.0.0.1:9093',
    says: 'Where silences are made and links lead.',
  },
  PROMETHEUS_URL: {
    form: address('http', 'https'),
    otherwise: 'each system’s own',
    example: 'http://127.0.0.1:9090',
    says: 'Pictures and objectives of systems without a Prometheus of their own.',
  },
  LOKI_URL: {
    form: address('http', 'https'),
    example: 'http://127.0.0.1:3100',
    says: 'Log lines and links.',
  },
  GRAFANA_URL: { form: address('http', 'https'), example: 'http://127.0.0.1:3000', says: 'Links.' },
  REOPEN_WITHIN: {
    form: duration(),
    standard: '10m',
    says: 'An alert that fires again this soon after "resolved" reopens its incident.',
  },
  WATCHDOG_WITHIN: {
    form: duration(),
    standard: '10m',
    says: 'After this long without the Watchdog alert, once it has been seen, the channel is told.',
  },
  CONDITION_EVERY: {
    form: duration('1s'),
    standard: '30s',
    says: 'How often it is read again whether an alert is still true, once something was done about it.',
  },
  HEALTH_EVERY: {
    form: durationOrOff('1s'),
    standard: '60s',
    says: 'How often every system is probed without being asked, so that "down since" is known.',
  },
} satisfies Table;
