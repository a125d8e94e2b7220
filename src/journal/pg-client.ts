/** The journal's connections: what is asked again and again is parsed once for each, and soon planned once. */
import { createHash } from 'node:crypto';
import pg from 'pg';

/** A connection that breaks between two queries says so by an event; unheard, it would end the process. */
export class CalmClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** By their text: all of it is written in this program, so there are not many. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  // PostgreSQL tells names apart by their first 63 bytes.
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
  names.set(text, name);
  return name;
}

/** Makes a named prepared statement of every text that comes with values. */
export class PreparedClient extends CalmClient {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    const prepared = (...args: unknown[]): unknown => {
      const [text, values, ...rest] = args;
      if (typeof text !== 'string' || !Array.isArray(values)) return query(...args);
      return query({ name: nameOf(text), text, values }, ...rest);
    };
    Object.defineProperty(this, 'query', { value: prepared });
  }
}
