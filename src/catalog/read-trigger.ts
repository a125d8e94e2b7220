/** One line of Alertmanager's matchers that must be able to match an alert of this system. */
import { matches, parseMatchers } from '../domain/matchers.ts';
import { didYouMean } from '../domain/nearest.ts';
import type { Matcher } from '../domain/runbook.ts';
import { contradiction, sayMatcher } from './check-triggers.ts';
import type { Path } from './problem.ts';
import type { StepContext } from './read-step.ts';

/** Empty: reported. */
export function readTrigger(text: string, path: Path, context: StepContext): readonly (readonly Matcher[])[] {
  const { file } = context;
  const parsed = parseMatchers(text);
  if ('error' in parsed) {
    file.fault(path, `the trigger is not valid at character ${parsed.at + 1}: ${parsed.error}`);
    return [];
  }
  if (parsed.matchers.every((matcher) => matches(matcher, {}))) {
    file.fault(path, 'the trigger matches every alert; expected a matcher such as alertname="ServiceDown"');
    return [];
  }
  const clash = contradiction(parsed.matchers);
  if (clash !== null) {
    const [a, b] = clash.map(sayMatcher);
    file.fault(path, `the trigger matches no alert: ${a} and ${b} can't both be; expected one of them`);
    return [];
  }
  const names = context.services.map(({ name }) => name);
  const stranger = parsed.matchers.find(
    ({ label, op, value }) => label === 'service' && op === '=' && value !== '' && !names.includes(value),
  );
  if (stranger !== undefined) {
    const near = didYouMean(stranger.value, names);
    const message = `the trigger is for the service "${stranger.value}", which ${context.system} has not; expected one of ${names.join(', ')}${near}`;
    file.fault(path, message);
    return [];
  }
  return [parsed.matchers];
}
