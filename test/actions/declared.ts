/** What a system's file may declare, for tests. */
import { type Call, type Declared, NOTHING_DECLARED, type Program } from '../../src/domain/target.ts';

export function program(changes: Partial<Program> = {}): Program {
  return {
    run: ['true'],
    where: { folder: '/' },
    environment: [],
    danger: 'destructive',
    says: 'Does what it does',
    missing: [],
    ...changes,
  };
}

export function call(changes: Partial<Call> = {}): Call {
  return {
    service: 'app',
    url: null,
    method: 'POST',
    path: '/',
    query: {},
    headers: {},
    body: null,
    idempotencyKey: false,
    expect: [200],
    danger: 'destructive',
    says: 'Calls what it calls',
    missing: [],
    ...changes,
  };
}

export function declared(changes: Partial<Declared>): Declared {
  return { ...NOTHING_DECLARED, ...changes };
}
