/** `pageturner schema`: the JSON Schema of the runbooks, for editors. */
import { createActionKinds } from '../actions/index.ts';
import { catalogJsonSchema } from '../catalog/json-schema.ts';
import { probeKinds } from '../probes/index.ts';

export async function schema(): Promise<number> {
  const kinds = { probeKinds, actionKinds: createActionKinds({ undoMaxBytes: 0 }) };
  process.stdout.write(`${JSON.stringify(catalogJsonSchema(kinds), null, 2)}\n`);
  return 0;
}
