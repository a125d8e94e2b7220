/** A body that could not be read is kept as a dead letter and told in the ops channel, alike ones under one notice. */
import { keepDeadLetter, noticeFor, thinOutDeadLetters } from '../../journal/notices.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';

export async function keepProblem(
  engine: Engine,
  source: string,
  problem: string,
  body: string,
): Promise<void> {
  await perform(engine, async (draft) => {
    const said = engine.redact(problem).slice(0, 500);
    await draft.write(keepDeadLetter({ source, problem: said, body: engine.redact(body) }));
    await draft.write(thinOutDeadLetters(source, said));
    const subject = await noticeFor(draft.tx, source, said);
    if (subject === null) return;
    draft.want({
      surface: 'notice',
      subject,
      slot: 'notice',
      channel: engine.settings.opsChannel,
      parent: null,
      urgent: false,
    });
  });
}
