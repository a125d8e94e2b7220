/** As much of JSON Schema as the catalog's own has, to hold files against it as an editor does. */
import { z } from 'zod';

const Schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  propertyNames: z.unknown().optional(),
  items: z.unknown().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minProperties: z.number().optional(),
  maxProperties: z.number().optional(),
});
type Schema = z.output<typeof Schema>;

export type Definitions = Readonly<Record<string, unknown>>;

/** Why `value` is not as `schema` says; empty: it is. */
export function violations(schema: unknown, value: unknown, defs: Definitions, path = ''): readonly string[] {
  if (schema === true) return [];
  if (schema === false) return [`${path}: nothing may be here`];
  const own = Schema.parse(schema);
  const inside = (part: unknown, at: unknown, key: string | number): readonly string[] =>
    violations(part, at, defs, `${path}/${key}`);
  const problems: string[] = [];
  const fail = (why: string): void => void problems.push(`${path}: ${why}`);
  if (own.$ref !== undefined) {
    const name = own.$ref.replace('#/$defs/', '');
    if (!Object.hasOwn(defs, name)) fail(`${own.$ref} leads nowhere`);
    else problems.push(...violations(defs[name], value, defs, path));
  }
  const types = own.type === undefined ? [] : [own.type].flat();
  if (types.length > 0 && !types.some((type) => hasType(type, value))) fail(`no ${types.join(' or ')}`);
  if ('const' in own && own.const !== undefined && value !== own.const) fail(`not ${String(own.const)}`);
  if (own.enum !== undefined && !own.enum.includes(value)) fail(`none of ${own.enum.join(', ')}`);
  for (const choices of [own.anyOf, own.oneOf]) {
    if (choices === undefined) continue;
    const tried = choices.map((choice) => violations(choice, value, defs, path));
    if (!tried.some((found) => found.length === 0))
      problems.push(tried.toSorted((a, b) => a.length - b.length)[0]?.[0] ?? `${path}: no choice`);
  }
  for (const part of own.allOf ?? []) problems.push(...violations(part, value, defs, path));
  if (typeof value === 'string') {
    if (own.pattern !== undefined && !new RegExp(own.pattern, 'u').test(value))
      fail(`not like ${own.pattern}`);
    checkBounds(value.length, own.minLength, own.maxLength, fail);
  }
  if (typeof value === 'number') checkBounds(value, own.minimum, own.maximum, fail);
  if (Array.isArray(value)) {
    checkBounds(value.length, own.minItems, own.maxItems, fail);
    if (own.items !== undefined) problems.push(...value.flatMap((item, i) => inside(own.items, item, i)));
  }
  if (isMap(value)) problems.push(...inMap(own, value, inside, fail));
  return problems;
}

type Inside = (part: unknown, at: unknown, key: string) => readonly string[];

function inMap(
  own: Schema,
  value: Readonly<Record<string, unknown>>,
  inside: Inside,
  fail: (why: string) => void,
) {
  const keys = Object.keys(value);
  checkBounds(keys.length, own.minProperties, own.maxProperties, fail);
  for (const key of own.required ?? []) if (!keys.includes(key)) fail(`${key} is missing`);
  return keys.flatMap((key) => {
    const names = own.propertyNames === undefined ? [] : inside(own.propertyNames, key, key);
    const part = own.properties?.[key] ?? own.additionalProperties;
    return [...names, ...(part === undefined ? [] : inside(part, value[key], key))];
  });
}

function checkBounds(
  n: number,
  min: number | undefined,
  max: number | undefined,
  fail: (why: string) => void,
): void {
  if (min !== undefined && n < min) fail(`${n} is less than ${min}`);
  if (max !== undefined && n > max) fail(`${n} is more than ${max}`);
}

function hasType(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isMap(value);
  if (type === 'null') return value === null;
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
