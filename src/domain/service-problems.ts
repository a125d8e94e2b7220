/** Is a step's service there, and has it what the step's kind needs? */
import { ALERT_SERVICE, ENGINE_SERVICE } from './bind-runbook.ts';
import type { Needs } from './kinds.ts';
import { unknownName } from './nearest.ts';
import type { PlacedProblem } from './placed-problem.ts';
import type { ServiceEntry } from './runbook.ts';

/** How a problem begins that a step without `service:` has as well. */
export const ENGINE_ITSELF = `service is "${ENGINE_SERVICE}", the engine itself`;

/** A service that isn't configured here may be so elsewhere, which is no problem of the step. */
export function serviceProblems(
  service: string,
  kind: string,
  needs: Needs,
  { system, services }: { readonly system: string; readonly services: readonly ServiceEntry[] },
): readonly PlacedProblem[] {
  if (service === ALERT_SERVICE) return [];
  const names = services.map(({ name }) => name).filter((name) => name !== ENGINE_SERVICE);
  const at = (message: string): readonly PlacedProblem[] => [{ path: ['service'], message }];
  if (service === ENGINE_SERVICE) {
    if (needs === 'docker' || needs === 'nothing') return [];
    return at(`${ENGINE_ITSELF}; ${kind} expected one of ${names.join(', ')}, or ${ALERT_SERVICE}`);
  }
  const entry = services.find(({ name }) => name === service);
  if (entry === undefined) return at(unknownName(`service of ${system} named`, service, names));
  const scheme = entry.target.url?.split(':', 1)[0] ?? null;
  if (typeof needs === 'string' || needs.schemes.length === 0 || scheme === null) return [];
  if (needs.schemes.includes(scheme)) return [];
  const wanted = needs.schemes.map((one) => `${one}://`).join(' or ');
  return at(`${service} has an address with ${scheme}://; ${kind} expected ${wanted}`);
}
