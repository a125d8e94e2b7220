/** A runbook's parameters, each with a default and an example that are right themselves. */
import { expected, type Param, readValue } from '../domain/params.ts';
import { patternProblem } from '../domain/safe-pattern.ts';
import { type Path, show } from './problem.ts';
import type { ParamFields } from './schemas.ts';
import type { YamlFile } from './yaml-file.ts';

export function readParamFields(
  fields: Readonly<Record<string, ParamFields>>,
  file: YamlFile,
): readonly Param[] {
  return Object.entries(fields).flatMap(([name, own]) => {
    const path: Path = ['params', name];
    const problem = own.type === 'text' && own.pattern !== undefined ? patternProblem(own.pattern) : null;
    if (problem !== null) {
      file.fault([...path, 'pattern'], `${problem}; expected one such as [a-z0-9-]+`);
      return [];
    }
    const param = toParam(name, own);
    const wrong = (['default', 'example'] as const).find((key) => {
      const text = own[key];
      return text !== undefined && readValue(param, text) === null;
    });
    if (wrong === undefined) return [param];
    file.fault([...path, wrong], `${wrong} is ${show(own[wrong])}; expected ${expected(param)}`);
    return [];
  });
}

function toParam(name: string, fields: ParamFields): Param {
  const common = { name, says: fields.says, standard: fields.default ?? null };
  const example = fields.example ?? fields.default;
  switch (fields.type) {
    case 'date':
      return { ...common, type: 'date', example: example ?? '2024-01-31' };
    case 'integer':
      return {
        ...common,
        type: 'integer',
        min: fields.min,
        max: fields.max,
        example: example ?? `${fields.min}`,
      };
    case 'choice':
      return { ...common, type: 'choice', of: fields.of, example: example ?? fields.of[0] ?? '' };
    case 'text':
      return { ...common, type: 'text', pattern: fields.pattern ?? null, example: example ?? '' };
    default:
      return fields satisfies never;
  }
}
