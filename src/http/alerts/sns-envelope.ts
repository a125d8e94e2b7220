/**
 * Amazon Managed Prometheus sends through SNS: an envelope with the message as a text in it (docs.aws.amazon.com, SNS,
 * "HTTP/HTTPS notification JSON format"). SNS sends no bearer token, but the name and password of the endpoint's address.
 */

export type Unwrapped =
  /** What the envelope held, or the body as it is. */
  | { readonly kind: 'body'; readonly text: string }
  | { readonly kind: 'confirm'; readonly url: string; readonly topic: string }
  /** Nothing is to be done. */
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly why: string };

/** Addresses at which SNS confirms a subscription. Anything else is never asked: the body's sender could name any host. */
const CONFIRMS = /^https:\/\/sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/\?/u;

export function unwrapSns(text: string, topics: readonly string[]): Unwrapped {
  const envelope = readEnvelope(text);
  if (envelope === null) return { kind: 'body', text };
  const { topic } = envelope;
  switch (envelope.type) {
    case 'Notification':
      return { kind: 'body', text: envelope.message };
    case 'SubscriptionConfirmation':
      if (!topics.includes(topic))
        return {
          kind: 'refused',
          why: `the topic ${topic.slice(0, 200)} asks for a subscription; expected one that SNS_TOPIC_ARN names`,
        };
      if (!CONFIRMS.test(envelope.subscribeUrl))
        return {
          kind: 'refused',
          why: 'SubscribeURL: expected an https address of sns.REGION.amazonaws.com',
        };
      return { kind: 'confirm', url: envelope.subscribeUrl, topic };
    default:
      return { kind: 'done' };
  }
}

interface Envelope {
  readonly type: string;
  readonly topic: string;
  readonly message: string;
  readonly subscribeUrl: string;
}

function readEnvelope(text: string): Envelope | null {
  // Parsed twice only where it can be one.
  if (!text.includes('"TopicArn"')) return null;
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null || !('Type' in json) || !('TopicArn' in json)) return null;
    const field = (name: string): string => {
      const value: unknown = Reflect.get(json, name);
      return typeof value === 'string' ? value : '';
    };
    const message = field('Message');
    return {
      type: field('Type'),
      topic: field('TopicArn'),
      message: message.trimStart().startsWith('{') ? message : fromText(message),
      subscribeUrl: field('SubscribeURL'),
    };
  } catch {
    return null;
  }
}

const PAIR = /^ - (?<name>[^=]+?) = (?<value>.*)$/u;

interface TextAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  generatorURL: string;
}

/**
 * Alertmanager's default text for SNS (github.com/prometheus/alertmanager, template/default.tmpl, `__text_alert_list`):
 * lists of labels and annotations below the words that name them. Any other text is given back as it is.
 */
function fromText(message: string): string {
  const alerts: TextAlert[] = [];
  let status: TextAlert['status'] = 'firing';
  let into: 'labels' | 'annotations' = 'labels';
  for (const line of message.split(/\r?\n/u)) {
    const last = alerts.at(-1);
    const { name, value } = PAIR.exec(line)?.groups ?? {};
    if (/^Alerts Firing:/u.test(line)) status = 'firing';
    else if (/^Alerts Resolved:/u.test(line)) status = 'resolved';
    else if (/^Labels:/u.test(line)) {
      alerts.push({ status, labels: {}, annotations: {}, generatorURL: '' });
      into = 'labels';
    } else if (/^Annotations:/u.test(line)) into = 'annotations';
    else if (line.startsWith('Source: ') && last !== undefined) last.generatorURL = line.slice(8).trim();
    else if (name !== undefined && value !== undefined && last !== undefined) last[into][name] = value;
  }
  return alerts.length === 0 ? message : JSON.stringify({ alerts });
}
