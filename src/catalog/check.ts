/** A schema held against data from a file: every difference is one message at its place. */
import { type ZodType, z } from 'zod';
import { didYouMean } from '../domain/nearest.ts';
import { type Path, show } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;

/** The value as the schema gives it, or null when it is not as it should be: then the problems are reported. */
export function check<T>(
  schema: ZodType<T>,
  value: unknown,
  file: YamlFile,
  path: Path,
  /** Keys beside the schema's own that may stand there too. */
  others: readonly string[] = [],
): T | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of tightest(result.error.issues))
    report(issue, { schema, value, file, base: path, others });
  return null;
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
  readonly file: YamlFile;
  readonly base: Path;
  readonly others: readonly string[];
}

function report(issue: Issue, checked: Checked): void {
  const { schema, value, file, base } = checked;
  const path = [...base, ...issue.path];
  const found = valueAt(value, issue.path);
  const name = String(issue.path.at(-1) ?? base.at(-1) ?? 'the file');
  switch (issue.code) {
    case 'unrecognized_keys': {
      const own = keysAt(schema, issue.path);
      const known = issue.path.length === 0 ? [...own, ...checked.others] : own;
      for (const key of issue.keys) {
        const expected = known.length === 0 ? 'expected no keys here' : `expected one of ${known.join(', ')}`;
        file.fault([...path, key], `unknown key "${key}"; ${expected}${didYouMean(key, known)}`, {
          at: 'key',
        });
      }
      return;
    }
    case 'invalid_union': {
      const branch = likeliest(issue.errors);
      if (branch === null) file.fault(path, `${name} is ${show(found)}; expected ${issue.message}`);
      else for (const inner of branch) report({ ...inner, path: [...issue.path, ...inner.path] }, checked);
      return;
    }
    case 'invalid_key':
      file.fault(path, `the name "${name}"; expected ${issue.issues[0]?.message ?? 'another name'}`, {
        at: 'key',
      });
      return;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const expected = values.length === 1 ? values[0] : `one of ${values.join(', ')}`;
      const near = typeof found === 'string' ? didYouMean(found, values) : '';
      file.fault(
        path,
        found === undefined
          ? missing(name, `${expected}`)
          : `${name} is ${show(found)}; expected ${expected}${near}`,
      );
      return;
    }
    default:
      file.fault(
        path,
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
