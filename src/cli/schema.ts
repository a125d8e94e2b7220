/** `pageturner schema`: the JSON Schema of the runbooks, for editors. */
import { createActionKinds } from '../actions/index.ts';
import { catalogJsonSchema } from '../catalog/json-schema.ts';
import { probeKinds } from '../probes/index.ts';
import { readArguments } from './commands.ts';

/** 0: printed; 2: wrong usage. */
export async function schema(args: readonly string[]): Promise<number> {
  if (readArguments('schema', args) === null) return 2;
  const kinds = { probeKinds, actionKinds: createActionKinds({ undoMaxBytes: 0 }) };
  process.stdout.write(`${JSON.stringify(catalogJsonSchema(kinds), null, 2)}\n`);
  return 0;
}
