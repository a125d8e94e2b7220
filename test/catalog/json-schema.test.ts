import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { catalogJsonSchema } from '../../src/catalog/json-schema.ts';
import { kinds } from './kinds.ts';

const Definitions = z.object({ $defs: z.record(z.string(), z.unknown()) });

describe('the JSON Schema for editors', () => {
  const schema = catalogJsonSchema(kinds);
  const { $defs } = Definitions.parse(schema);

  test('is plain JSON with a definition for each kind of file', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(Object.keys($defs)).toEqual(expect.arrayContaining(['runbook', 'system', 'org']));
  });

  test('every reference leads somewhere', () => {
    const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/(\w+)"/gu)].map(
      (match) => match[1] ?? '',
    );
    expect(refs.filter((name) => !Object.hasOwn($defs, name))).toEqual([]);
  });

  test('a step has the settings of its own probe', () => {
    expect($defs.probeStep).toMatchObject({
      anyOf: expect.arrayContaining([
        expect.objectContaining({
          properties: expect.objectContaining({ probe: { const: 'redis.config' }, key: { type: 'string' } }),
          required: ['probe', 'key'],
          additionalProperties: false,
        }),
      ]),
    });
  });
});
