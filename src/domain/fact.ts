/** What a probe kind says of the facts it learns: their types, their units and the values they can have. */

export type FactValue = string | number | boolean | null;
/** What a probe learnt, by name: `{ used_memory_bytes: 1048576, maxmemory_policy: 'noeviction' }`. */
export type Facts = Readonly<Record<string, FactValue>>;

/** As people write it behind a number. Without one: a count, or a number that has none. */
export type FactUnit = 'bytes' | '%' | 'ms' | 's' | 'h' | 'days' | '/s';

export type FactDeclaration =
  | { readonly type: 'number'; readonly unit?: FactUnit }
  /** `values`: the only texts that it can be. */
  | { readonly type: 'text'; readonly values?: readonly string[] }
  | { readonly type: 'boolean' }
  /** A number, a text or a boolean, as the query or the key that was asked for has it. */
  | { readonly type: 'any' };

/** By name; the first is the one that a plain `expect: value` is compared with. */
export type FactDeclarations = Readonly<Record<string, FactDeclaration>>;

export const firstFact = (facts: FactDeclarations): string | null => Object.keys(facts)[0] ?? null;

/**
 * Why no server can have answered this; empty: it can. A fact may be missing or null, where the server doesn't let it
 * be known.
 */
export function factProblems(
  declared: FactDeclarations,
  facts: Facts,
): readonly { readonly fact: string; readonly why: string }[] {
  return Object.entries(facts).flatMap(([fact, value]) => {
    const declaration = Object.hasOwn(declared, fact) ? declared[fact] : undefined;
    if (declaration === undefined) return [{ fact, why: 'is no fact of it' }];
    return isOf(declaration, value)
      ? []
      : [{ fact, why: `is ${JSON.stringify(value)}; expected ${sayDeclaration(declaration)}` }];
  });
}

function isOf(declaration: FactDeclaration, value: FactValue): boolean {
  if (value === null) return true;
  switch (declaration.type) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'text':
      return typeof value === 'string' && (declaration.values?.includes(value) ?? true);
    case 'boolean':
      return typeof value === 'boolean';
    case 'any':
      return true;
    default:
      return declaration satisfies never;
  }
}

/** For people: `a number of bytes`, `one of none, starting, healthy, unhealthy`. */
export function sayDeclaration(declaration: FactDeclaration): string {
  switch (declaration.type) {
    case 'number':
      return declaration.unit === undefined ? 'a number' : `a number (${declaration.unit})`;
    case 'text':
      return declaration.values === undefined ? 'a text' : `one of ${declaration.values.join(', ')}`;
    case 'boolean':
      return 'true or false';
    case 'any':
      return 'a number, a text, or true or false';
    default:
      return declaration satisfies never;
  }
}
