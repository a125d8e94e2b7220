/** The sandbox's alerts, in the form in which Alertmanager sends them (webhook, version 4). */
export interface AlertText {
  readonly summary: string;
  readonly description: string;
}

export interface SandboxAlert extends AlertText {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** Null while firing. */
  readonly endsAt: string | null;
}

/** What Alertmanager writes for a time that hasn't come. */
const NEVER = '0001-01-01T00:00:00Z';

/** The webhook's body: a group of one alert. */
export function webhookBody(alert: SandboxAlert): object {
  const status = alert.endsAt === null ? 'firing' : 'resolved';
  const annotations = { summary: alert.summary, description: alert.description };
  return {
    version: '4',
    groupKey: groupKey(alert.labels),
    truncatedAlerts: 0,
    status,
    receiver: 'pageturner',
    groupLabels: alert.labels,
    commonLabels: alert.labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [
      {
        status,
        labels: alert.labels,
        annotations,
        startsAt: alert.startsAt,
        endsAt: alert.endsAt ?? NEVER,
        generatorURL: '',
        fingerprint: fingerprint(alert.labels),
      },
    ],
  };
}

/** As Alertmanager writes it for its root route: `{}:{alertname="…", service="…"}`. */
function groupKey(labels: Readonly<Record<string, string>>): string {
  const pairs = sorted(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{}:{${pairs.join(', ')}}`;
}

/** Prometheus' fingerprint of a label set (common/model/signature.go): FNV-1a, 64 bits, 0xff after each word. */
export function fingerprint(labels: Readonly<Record<string, string>>): string {
  let hash = 0xcbf29ce484222325n;
  const add = (byte: number) => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  };
  for (const word of sorted(labels).flat()) {
    for (const byte of Buffer.from(word, 'utf8')) add(byte);
    add(0xff);
  }
  return hash.toString(16).padStart(16, '0');
}

function sorted(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
