/** `/ops run ID [name=value …]`, and what is done with a run: abort, undo, done, output. */
import { parseId, stepId } from '../../domain/ids.ts';
import { expected } from '../../domain/params.ts';
import { escapeCode, escapeMrkdwn, plain } from '../../domain/text.ts';
import { askUndo } from '../../engine/changes/ask-undo.ts';
import { askRun } from '../../engine/incidents/ask-run.ts';
import { abortRun } from '../../engine/runs/abort-run.ts';
import { finishTask } from '../../engine/runs/ask-task.ts';
import { readOutput } from '../../journal/outputs.ts';
import { answerLong } from '../answer-long.ts';
import { wrongChannel } from '../check-place.ts';
import type { SlackContext } from '../slack-context.ts';
import type { Command, CommandAsk } from './command.ts';

/** `name=value` and `name="two words"`; the words that are neither. */
export function readPairs(text: string): {
  readonly given: Readonly<Record<string, string>>;
  readonly strangers: readonly string[];
} {
  const given: Record<string, string> = {};
  const strangers: string[] = [];
  for (const [whole, name, quoted, bare] of text.matchAll(
    /([a-z][\w-]*)=(?:["“]([^"”]*)["”]|(\S*))|\S+/giu,
  )) {
    if (name === undefined) strangers.push(whole);
    else given[name.toLowerCase()] = quoted ?? bare ?? '';
  }
  return { given, strangers };
}

export const run: Command = {
  name: 'run',
  usage: 'run ID [name=value …] [INC-n]',
  says: 'starts a runbook by hand, or for the open incident INC-n; `/ops runbook ID` shows its parameters',
  async run(context, ask) {
    const { engine } = context;
    const [id] = ask.words;
    if (id === undefined)
      return 'Which one? Type `/ops run moalog/operations/ps`; `/ops runbooks` lists them.';
    const { given, strangers: words } = readPairs(ask.rest.slice(id.length));
    const incidents = words.filter((word) => parseId('INC', word) !== null);
    if (incidents.length > 1) return 'For which one? Name one incident, such as INC-12.';
    const strangers = words.filter((word) => !incidents.includes(word));
    if (strangers.length > 0) {
      const runbook = engine.catalog.systems.flatMap(({ runbooks }) => runbooks).find((one) => one.id === id);
      const takes = (runbook?.params ?? []).map(
        (param) => `\`${param.name}=${param.example}\` (${expected(param)})`,
      );
      return `I don’t understand \`${escapeCode((strangers[0] ?? '').slice(0, 60))}\`; parameters are written name=value.${takes.length === 0 ? '' : ` It takes ${escapeMrkdwn(takes.join(', '))}.`}`;
    }
    const answer = await askRun(engine, {
      runbookId: id,
      params: given,
      person: ask.asker.person,
      askedKey: ask.key,
      incidentId: parseId('INC', incidents[0] ?? ''),
    });
    return answer.text;
  },
};

function named(
  name: string,
  says: string,
  example: string,
  work: (context: SlackContext, ask: CommandAsk, id: string) => Promise<string | null>,
): Command {
  return {
    name,
    usage: `${name} ${example.replace(/\d+/u, 'n')}`,
    says,
    async run(context, ask) {
      const elsewhere = await wrongChannel(context, ask.asker.channel);
      if (elsewhere !== null) return elsewhere.sentence;
      const said = await work(context, ask, ask.words[0] ?? '');
      return said ?? `Which one? Type \`/ops ${name} ${example}\`.`;
    },
  };
}

export const abort = named(
  'abort',
  'ends a run: what waits is cancelled, what is under way is told to stop (also RUN-n, INC-n)',
  'STEP-12',
  async ({ engine }, ask, id) => {
    const [step, byRun, incident] = [parseId('STEP', id), parseId('RUN', id), parseId('INC', id)];
    const what =
      step !== null
        ? { stepId: step }
        : byRun !== null
          ? { runId: byRun }
          : incident !== null
            ? { incidentId: incident }
            : null;
    return what === null ? null : (await abortRun(engine, what, ask.asker.person)).text;
  },
);

export const undo = named(
  'undo',
  'shows what STEP-n removed and can be brought back, and asks for its approval',
  'STEP-12',
  async ({ engine }, ask, id) => {
    const step = parseId('STEP', id);
    if (step === null) return null;
    return (await askUndo(engine, { stepId: step, person: ask.asker.person, askedKey: ask.key })).text;
  },
);

export const done = named(
  'done',
  'says that the task STEP-n is done',
  'STEP-12',
  async ({ engine }, ask, id) => {
    const step = parseId('STEP', id);
    return step === null ? null : (await finishTask(engine, { stepId: step }, ask.asker.person)).text;
  },
);

export const output: Command = {
  name: 'output',
  usage: 'output STEP-n',
  says: 'everything that STEP-n printed or read',
  async run(context, ask) {
    const { engine } = context;
    const id = parseId('STEP', ask.words[0] ?? '');
    if (id === null) return 'Which one? Type `/ops output STEP-12`.';
    const body = await readOutput(engine.journal.pool, id);
    if (body === null) return `${stepId(id)} has printed nothing.`;
    const text = engine.redact(plain(body));
    return answerLong(context, ask.asker, {
      title: `*${stepId(id)}*, ${text.length} characters`,
      fileName: `${stepId(id)}.txt`,
      text,
    });
  },
};
