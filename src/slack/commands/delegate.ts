/** `/ops delegate @user 4h [for SYSTEM]`: a tech lead lends the authority to someone on call, for a while. */
import { parseDuration, sayDuration } from '../../domain/duration.ts';
import { delegate as lend, revokeDelegations } from '../../engine/core/delegate.ts';
import type { Command } from './command.ts';

const USAGE =
  'Type `/ops delegate @user 4h`, `/ops delegate @user 4h for moalog`, or `/ops delegate @user off`.';

export const delegate: Command = {
  name: 'delegate',
  usage: 'delegate @user DURATION [for SYSTEM]',
  says: 'a tech lead lends the authority to approve to someone on call; `off` takes it back',
  async run({ engine }, ask) {
    const [mention, duration, ...rest] = ask.words;
    const person = /^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$/u.exec(mention ?? '')?.[1];
    if (person === undefined || duration === undefined) return USAGE;
    if (duration === 'off') return revokeDelegations(engine, ask.asker.person, person);
    const ms = parseDuration(duration);
    if (ms === null) return `“${duration.slice(0, 20)}” is not a duration. ${USAGE}`;
    const system = rest[0] === 'for' ? (rest[1] ?? null) : null;
    if (system !== null && !engine.catalog.systems.some((entry) => entry.name === system))
      return `There is no system “${system.slice(0, 40)}”.`;
    const problem = await lend(engine, { givenBy: ask.asker.person, person, ms, system });
    return (
      problem ??
      `<@${person}> may approve for ${sayDuration(ms)}${system === null ? '' : `, for ${system} only`}.`
    );
  },
};
