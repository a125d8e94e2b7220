import { describe, expect, it } from 'vitest';
import { parseAlertmanagerBody } from '../../src/http/alertmanager-body.ts';
import { unwrapSns } from '../../src/http/alerts/sns-envelope.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alerts';
const SUBSCRIBE =
  'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:123456789012:alerts&Token=abc';
const envelope = (fields: object): string => JSON.stringify({ TopicArn: TOPIC, ...fields });
const confirmation = (more: object = {}): string =>
  envelope({ Type: 'SubscriptionConfirmation', Token: 'abc', SubscribeURL: SUBSCRIBE, ...more });

const DEFAULT_TEXT = `Alerts Firing:
Labels:
 - alertname = RedisDown
 - severity = critical
Annotations:
 - summary = it is = down
Source: http://prometheus.example/graph?g0.expr=up

Alerts Resolved:
Labels:
 - alertname = MysqlDown
Annotations:
`;

describe('Amazon’s envelope', () => {
  it('confirms a subscription only when its topic is configured', () => {
    expect(unwrapSns(confirmation(), [TOPIC])).toEqual({ kind: 'confirm', url: SUBSCRIBE, topic: TOPIC });
    expect(unwrapSns(confirmation(), [])).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('SNS_TOPIC_ARN') as string,
    });
  });

  it.each([
    'https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription',
    'http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
    'http://169.254.169.254/latest/meta-data',
    '',
  ])('asks nobody else than SNS to confirm: %s', (SubscribeURL) => {
    expect(unwrapSns(confirmation({ SubscribeURL }), [TOPIC]).kind).toBe('refused');
  });

  it('holds Alertmanager’s own JSON', () => {
    const Message = '{"version":"4","alerts":[]}';
    expect(unwrapSns(envelope({ Type: 'Notification', Message }), [])).toEqual({
      kind: 'body',
      text: Message,
    });
  });

  it('holds Alertmanager’s default text, from which each alert is read', () => {
    const unwrapped = unwrapSns(envelope({ Type: 'Notification', Message: DEFAULT_TEXT }), []);
    const parsed = parseAlertmanagerBody(unwrapped.kind === 'body' ? unwrapped.text : '');
    const alerts = 'group' in parsed ? parsed.group.alerts : [];
    expect(alerts.map(({ labels, status }) => [labels.alertname, status])).toEqual([
      ['RedisDown', 'firing'],
      ['MysqlDown', 'resolved'],
    ]);
    expect(alerts[0]).toMatchObject({
      annotations: { summary: 'it is = down' },
      generatorUrl: 'http://prometheus.example/graph?g0.expr=up',
    });
  });

  it('is no envelope when it only looks like one', () => {
    const body = '{"alerts":[{"labels":{"alertname":"A","x":"\\"TopicArn\\""}}]}';
    expect(unwrapSns(body, [])).toEqual({ kind: 'body', text: body });
  });
});
