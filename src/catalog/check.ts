/** A schema held against data from a file: every difference is one message at its place. */
import type { ZodType } from 'zod';
import { schemaProblems } from '../domain/schema-problems.ts';
import type { Path } from './problem.ts';
import { faults, type YamlFile } from './yaml-file.ts';

/** The value as the schema gives it, or null when it is not as it should be: then the problems are reported. */
export function check<T>(schema: ZodType<T>, value: unknown, file: YamlFile, path: Path): T | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const called = String(path.at(-1) ?? 'the file');
  faults(file, path, schemaProblems(schema, value, result.error.issues, { called }));
  return null;
}
