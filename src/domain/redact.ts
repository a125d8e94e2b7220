/** The one redaction point: whatever leaves the process or is journalled passes it. It knows every secret value. */
export type Redact = <T>(value: T) => T;

const SHORTEST = 4;
export const REDACTED = '[redacted]';

/** Replaces each secret, also in its URL-encoded, JSON and base64 forms, in every string of a value. */
export function createRedact(secrets: readonly string[]): Redact {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64'),
    ]);
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const inText = (text: string): string => {
    let result = text;
    for (const form of ordered) if (result.includes(form)) result = result.replaceAll(form, REDACTED);
    return result;
  };
  const inValue = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value);
    if (Array.isArray(value)) return value.map(inValue);
    if (value instanceof Date || value === null || typeof value !== 'object') return value;
    if (value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [inText(key), inValue(entry)]));
  };
  return <T>(value: T): T => (ordered.length === 0 ? value : (inValue(value) as T));
}
