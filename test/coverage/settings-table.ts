/** A zod schema's keys as a table for people: type and bounds from the schema, meaning from the comment at the key. */
import { z } from 'zod';

const Node = z.looseObject({
  type: z.string().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  required: z.array(z.string()).optional(),
  default: z.unknown().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
});
type Node = z.output<typeof Node>;

export interface Row {
  readonly key: string;
  readonly type: string;
  /** `needed`, or the default. */
  readonly standard: string;
  readonly says: string;
}

/** `sources`: texts of the files that may hold the schema; `/** … *\/` right before a key is its meaning. */
export function settingsRows(schema: z.ZodType, sources: readonly string[]): readonly Row[] {
  const node = nodeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  // A kind that takes one of several sets of keys.
  const sets =
    node.properties === undefined ? [...(node.anyOf ?? []), ...(node.oneOf ?? [])].map(nodeOf) : [node];
  const rows = sets.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([key, value]): Row => {
      const inside = nodeOf(value);
      const needed = required.includes(key) ? 'needed' : '';
      return {
        key,
        type: ruleOf(schema, key) ?? typeOf(inside),
        standard: inside.default === undefined ? needed : `\`${JSON.stringify(inside.default)}\``,
        says: commentOf(key, sources),
      };
    }),
  );
  return rows.filter(({ key }, i) => rows.findIndex((row) => row.key === key) === i);
}

/** The schema's own words for what it expects, which say more than a type: `a duration from 0s to 10m`. */
function ruleOf(schema: z.ZodType, key: string): string | null {
  if (!(schema instanceof z.ZodObject)) return null;
  const field: unknown = schema.shape[key];
  if (!(field instanceof z.ZodType)) return null;
  const message = field.safeParse(Symbol('none of any type')).error?.issues[0]?.message ?? 'Invalid';
  return message.startsWith('Invalid') ? null : message;
}

export function settingsTable(rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return ['It has no settings.'];
  return [
    '| setting | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ key, type, standard, says }) => `| \`${key}\` | ${cell(type)} | ${cell(standard)} | ${cell(says)} |`,
    ),
  ];
}

export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function typeOf(node: Node): string {
  const choices = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].map(nodeOf);
  if (choices.length > 0) {
    const types = choices.map(typeOf);
    // Several forms of a map: each has a table of its own, or says too much for one cell.
    const plain =
      types.filter((type) => type.startsWith('map')).length > 1
        ? types.map((type) => type.replace(/^map.*/u, 'map'))
        : types;
    return [...new Set(plain)].join(', or ');
  }
  if (node.enum !== undefined) return `one of ${node.enum.map((value) => `\`${String(value)}\``).join(', ')}`;
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  switch (node.type) {
    case 'string':
      return `text${characters(node)}`;
    case 'integer':
    case 'number':
      return `${node.type === 'integer' ? 'whole number' : 'number'}${range(node)}`;
    case 'boolean':
      return '`true` or `false`';
    case 'null':
      return '`null`';
    case 'array':
      return `list of ${typeOf(nodeOf(node.items)).replace(/^map$/u, 'maps')}${items(node)}`;
    case 'object':
      return node.properties === undefined
        ? mapOf(typeOf(nodeOf(node.additionalProperties)))
        : `map of ${Object.keys(node.properties).join(', ')}`;
    default:
      return 'any value';
  }
}

const mapOf = (inside: string): string =>
  inside === 'any value' || inside.startsWith('map') ? 'map' : `map of names to ${inside}`;

function characters({ pattern, maxLength }: Node): string {
  if (pattern?.includes('[a-z][a-z0-9-]{0,62}'))
    return pattern.includes('|') ? ': a name, or `{parameter}`' : ': a name';
  if (pattern !== undefined && pattern.length < 60 && pattern !== '^\\/.*') return ` like \`${pattern}\``;
  if (pattern === '^\\/.*') return ' that begins with `/`';
  return maxLength === undefined ? '' : `, at most ${maxLength} characters`;
}

function range({ minimum, exclusiveMinimum, maximum }: Node): string {
  const low = minimum ?? exclusiveMinimum;
  const isBounded = (n: number | undefined): n is number =>
    n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;
  const from = isBounded(low) ? `${exclusiveMinimum === undefined ? 'from' : 'above'} ${low}` : '';
  const to = isBounded(maximum) ? `to ${maximum}` : '';
  return [from, to].filter((part) => part !== '').length === 0 ? '' : ` ${[from, to].join(' ').trim()}`;
}

const items = ({ maxItems }: Node): string => (maxItems === undefined ? '' : `, at most ${maxItems}`);

function commentOf(key: string, sources: readonly string[]): string {
  const pattern = new RegExp(`/\\*\\*([^/]*?)\\*/\\n\\s+'?${key}'?:`, 'u');
  const found = sources.map((source) => pattern.exec(source)?.[1]).find((text) => text !== undefined) ?? '';
  return found.replaceAll(/\n\s*\* ?/gu, ' ').trim();
}

/** What is no object (`true`, for anything) is an empty node. */
export const nodeOf = (value: unknown): Node => Node.safeParse(value).data ?? {};
