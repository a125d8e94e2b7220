/** Sends the request of an approved plan, once. */
import { askHttp, type HttpAnswer } from '../../clients/http.ts';
import { parseJson } from '../../clients/http-json.ts';
import { neverSent } from '../../clients/never-sent.ts';
import {
  type ActionContext,
  type ActionOutcome,
  isRefused,
  OUTPUT_MAX,
  type PlanDraft,
} from '../../domain/action.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { cut, oneLine, plain } from '../../domain/text.ts';
import { nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { sayBytes } from '../say-size.ts';
import { type Prepared, prepare } from './plan.ts';
import type { CallSettings } from './settings.ts';

const superseded = nothingWas('sent');

/** Of the answer's body; a longer one is cut. */
const MAX_BODY_BYTES = 4 * 1_048_576;

/** Throws OutcomeUnknown when the request was sent, may have changed something, and no whole answer came. */
export async function executeCall(
  target: Target,
  settings: CallSettings,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const prepared = await prepare(target, settings, context);
  if (isRefused(prepared)) return superseded(prepared.refused);
  const differs = planDiffers(plan, prepared.draft);
  if (differs.length > 0) return superseded(differs.join('; '));
  await act();
  if (context.signal.aborted) return failed(settings.call, 'nothing was sent: it was stopped before');
  try {
    return outcomeOf(settings.call, prepared, await send(prepared, context));
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : String(error), 160);
    if (neverSent(error)) return failed(settings.call, `nothing was sent: ${why}`);
    if (prepared.call.method === 'GET') return failed(settings.call, `no whole answer came: ${why}`);
    const { method } = prepared.call;
    throw new OutcomeUnknown(
      `the ${method} was sent and no whole answer came (${why}): whether it did its work is not known`,
      { cause: error },
    );
  }
}

function send(
  { call, request, headers }: Prepared,
  { signal, timeoutMs }: ActionContext,
): Promise<HttpAnswer> {
  return askHttp(request.url, {
    signal,
    timeoutMs,
    method: call.method,
    headers,
    maxBytes: MAX_BODY_BYTES,
    longer: 'cut',
    ...(request.body === null ? {} : { body: request.body }),
  });
}

function outcomeOf(name: string, { call }: Prepared, answer: HttpAnswer): ActionOutcome {
  const output = bodyOf(answer.body);
  const { status } = answer;
  if (call.expect.includes(status)) {
    const note = `HTTP ${status}`;
    return {
      state: 'succeeded',
      summary: `${name} answered ${note}`,
      items: [{ name, outcome: 'done', note }],
      output,
    };
  }
  const to = answer.headers.location;
  const where = status >= 300 && status < 400 && typeof to === 'string' ? ' (a redirect, not followed)' : '';
  const said = oneLine(output, 200);
  const expected = call.expect.join(' or ');
  return {
    ...failed(
      name,
      `${name} answered HTTP ${status}${where}, not ${expected}${said === '' ? '' : `: ${said}`}`,
    ),
    output,
  };
}

/** JSON with its lines; whatever else it is, as text. */
function bodyOf(body: Buffer): string {
  const text = body.toString('utf8');
  const json = parseJson(text);
  const shown = plain(json === undefined ? text : JSON.stringify(json, null, 2));
  if (shown.length <= OUTPUT_MAX && body.length < MAX_BODY_BYTES) return shown;
  const notice = `… cut: the answer's beginning, of ${sayBytes(body.length)} that were read\n`;
  return `${notice}${cut(shown, OUTPUT_MAX - notice.length)}`;
}

function failed(name: string, summary: string): ActionOutcome & { readonly state: 'failed' | 'succeeded' } {
  return { state: 'failed', summary, items: [{ name, outcome: 'failed', note: oneLine(summary, 160) }] };
}
