/** What a plan would change, in one line: for lists and the terminal. */
import type { Scope } from './action.ts';

export function sayScope(scope: Scope): string {
  switch (scope.kind) {
    case 'items':
      return scope.items.map((item) => `${item.name}${item.note === '' ? '' : ` (${item.note})`}`).join(', ');
    case 'keyspace':
      return `${scope.name}, ${scope.keys} ${scope.of ?? 'keys'} (up to ${scope.mayGrowTo} at execution)`;
    case 'call':
      return scope.does;
    default:
      return scope satisfies never;
  }
}
