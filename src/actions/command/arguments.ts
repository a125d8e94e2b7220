/** The exact argument array, or what is wrong with what a step gives for it. */
import type { SettingsProblem } from '../../domain/action.ts';
import type { Declared, Program } from '../../domain/target.ts';
import { checkValues, fillText, notDeclared, type Values } from '../places.ts';

interface Chosen {
  readonly program: string;
  readonly with: Values;
}

export function findProgram(declared: Declared, name: string): Program | null {
  return Object.hasOwn(declared.programs, name) ? (declared.programs[name] ?? null) : null;
}

/** Each part of `run` stays one argument, whatever its values hold. */
export function fillArguments(program: Program, values: Values): readonly string[] {
  return program.run.map((part) => fillText(part, values));
}

export function checkProgram(declared: Declared, chosen: Chosen): readonly SettingsProblem[] {
  const program = findProgram(declared, chosen.program);
  if (program === null) {
    return [notDeclared('program', 'program', chosen.program, Object.keys(declared.programs))];
  }
  const problems = checkValues(chosen.program, program.run, chosen.with);
  return problems.length > 0 ? problems : checkOptions(program, chosen);
}

/** A value must not turn an argument into an option of the program: `{file}` filled with `--output=/etc/passwd`. */
function checkOptions(program: Program, chosen: Chosen): readonly SettingsProblem[] {
  return program.run.flatMap((part) => {
    const place = /^\{([a-z][a-z0-9_-]*)\}/u.exec(part)?.[1];
    if (place === undefined || !fillText(part, chosen.with).startsWith('-')) return [];
    const message = `the value of ${place} begins with "-", which ${chosen.program} would take for an option; expected another beginning`;
    return [{ path: ['with', place], message }];
  });
}
