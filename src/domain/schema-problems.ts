/** A schema held against data that a person wrote: every difference is one message at its place. */
import { type ZodType, z } from 'zod';
import { didYouMean } from './nearest.ts';
import { type Place, type PlacedProblem, show } from './placed-problem.ts';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with a value that the schema has refused, from the value's own top. `others`: keys beside the schema's
 * own that may stand there too. `called`: what the value itself is called, where it is wrong as a whole.
 */
export function schemaProblems(
  schema: ZodType,
  value: unknown,
  issues: readonly Issue[],
  {
    others = [],
    called = 'the file',
  }: { readonly others?: readonly string[]; readonly called?: string } = {},
): readonly PlacedProblem[] {
  return tightest(issues).flatMap((issue) => say(issue, { schema, value, others, called }));
}

/** A value past several bounds is told of the narrowest alone. */
function tightest(issues: readonly Issue[]): readonly Issue[] {
  return issues.filter(
    (issue) =>
      issue.code !== 'too_big' ||
      !issues.some(
        (other) =>
          other.code === 'too_big' &&
          other.maximum < issue.maximum &&
          other.path.join('\0') === issue.path.join('\0'),
      ),
  );
}

interface Checked {
  readonly schema: ZodType;
  readonly value: unknown;
  readonly others: readonly string[];
  readonly called: string;
}

function say(issue: Issue, checked: Checked): readonly PlacedProblem[] {
  const { schema, value, called } = checked;
  const { path } = issue;
  const found = valueAt(value, path);
  const name = String(path.at(-1) ?? called);
  const at = (message: string, place: Place = path): readonly PlacedProblem[] => [{ path: place, message }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const own = keysAt(schema, path);
      const known = path.length === 0 ? [...own, ...checked.others] : own;
      return issue.keys.map((key) => {
        const expected = known.length === 0 ? 'expected no keys here' : `expected one of ${known.join(', ')}`;
        const message = `unknown key "${key}"; ${expected}${didYouMean(key, known)}`;
        return { path: [...path, key], message, at: 'key' };
      });
    }
    case 'invalid_union': {
      const branch = likeliest(issue.errors);
      if (branch === null) return at(`${name} is ${show(found)}; expected ${issue.message}`);
      return branch.flatMap((inner) => say({ ...inner, path: [...path, ...inner.path] }, checked));
    }
    case 'invalid_key': {
      const message = `the name "${name}"; expected ${issue.issues[0]?.message ?? 'another name'}`;
      return [{ path, message, at: 'key' }];
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      const expected = values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
      const near = typeof found === 'string' ? didYouMean(found, values) : '';
      return at(
        found === undefined
          ? missing(name, expected)
          : `${name} is ${show(found)}; expected ${expected}${near}`,
      );
    }
    default:
      return at(
        found === undefined
          ? missing(name, expectation(issue))
          : `${name} is ${show(found)}; expected ${expectation(issue)}`,
      );
  }
}

const missing = (name: string, expected: string): string => `${name} is missing; expected ${expected}`;

/** The branch that got furthest: not refused at its very beginning. */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const inside = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  return inside.sort((a, b) => a.length - b.length)[0] ?? null;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'nothing',
};

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      // A schema's own words say more than the type.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      return TYPES[issue.expected] ?? issue.expected;
    case 'too_small':
      return `${bounded(issue.origin)}${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `${bounded(issue.origin)}${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    default:
      return issue.message;
  }
}

const bounded = (origin: string): string => (origin === 'number' || origin === 'int' ? 'a number of ' : '');

function unit(origin: string): string {
  if (origin === 'string') return ' character(s)';
  return origin === 'array' || origin === 'set' ? ' item(s)' : '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined),
    value,
  );
}

/** Names of the keys that the schema allows at `path`. */
export function keysAt(schema: ZodType, path: readonly PropertyKey[]): readonly string[] {
  const at = path.reduce<readonly SchemaNode[]>(
    (nodes, part) => nodes.flatMap((node) => stepInto(node, part)),
    [nodeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))],
  );
  return at.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {}));
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  readonly items?: unknown;
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly unknown[] | undefined;
}

function stepInto(node: SchemaNode, part: PropertyKey): readonly SchemaNode[] {
  return alternatives(node).flatMap((one) => {
    const inside =
      typeof part === 'number' ? one.items : (one.properties?.[String(part)] ?? one.additionalProperties);
    return inside === undefined ? [] : [nodeOf(inside)];
  });
}

const alternatives = (node: SchemaNode): readonly SchemaNode[] => [node, ...(node.anyOf ?? []).map(nodeOf)];

/** JSON Schema that zod has just made: a parse boundary. */
const nodeOf = (value: unknown): SchemaNode =>
  typeof value === 'object' && value !== null ? (value as SchemaNode) : {};
