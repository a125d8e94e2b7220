/** What a call would send, and where to. Nothing is sent to find out, but somebody must listen there. */
import { createHash } from 'node:crypto';
import { reach } from '../../clients/reach.ts';
import { type ActionContext, isRefused, type PlanDraft, type Refused } from '../../domain/action.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { type Call, shownAddress, type Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { tooLong } from '../places.ts';
import { buildRequest, checkCall, findCall, type Request } from './request.ts';
import type { CallSettings } from './settings.ts';

/** Milliseconds for the connection that shows that the service is there. */
const REACH_MS = 5_000;

export interface Prepared {
  readonly call: Call;
  readonly request: Request;
  readonly headers: Readonly<Record<string, string>>;
  readonly draft: PlanDraft;
}

/** Throws when the service can't be reached. */
export async function planCall(
  target: Target,
  settings: CallSettings,
  context: ActionContext,
): Promise<PlanDraft | Refused> {
  const prepared = await prepare(target, settings, context);
  return isRefused(prepared) ? prepared : prepared.draft;
}

export async function prepare(
  target: Target,
  settings: CallSettings,
  context: ActionContext,
): Promise<Prepared | Refused> {
  context.signal.throwIfAborted();
  const { declared, system } = target;
  const call = findCall(declared, settings.call);
  const [problem] = checkCall(declared, settings);
  if (problem !== undefined || call === null) return { refused: problem?.message ?? 'no such call' };
  const refused = whyNot(call, settings.call, target);
  if (refused !== null || call.url === null) return { refused: refused ?? 'no address' };
  const request = buildRequest(call, call.url, settings.with);
  const long = tooLong(request.does);
  if (long !== null) return { refused: `${settings.call} can't be planned: ${long}` };
  await reach(call.url, { signal: context.signal, timeoutMs: Math.min(REACH_MS, context.timeoutMs) });
  const draft: PlanDraft = {
    identity: { address: shownAddress(call.url), system, service: call.service },
    marker: null,
    scope: { kind: 'call', does: request.does },
    preview: [
      oneLine(call.says),
      `sent once to ${call.service} at ${shownAddress(call.url)}; redirects are not followed`,
      `it worked when the answer is HTTP ${call.expect.join(' or ')}`,
      ...(call.idempotencyKey ? ['with an Idempotency-Key: the same call again has the same one'] : []),
    ],
    undo: { kind: 'none', reason: 'what a service has done can only be undone by another call' },
  };
  return { call, request, headers: headersOf(call, request, draft), draft };
}

function whyNot(call: Call, name: string, target: Target): string | null {
  if (call.missing.length > 0) return `${name} is not configured: set ${call.missing.join(', ')}`;
  if (call.url === null) return `${name} is not configured: no address of ${call.service} is known`;
  if (!/^https?:\/\//iu.test(call.url)) return `the address of ${call.service} is not an http:// one`;
  if (target.sandboxOnly)
    return `local mode only changes the sandbox, and ${call.service} can't be told to be part of it`;
  const broken = Object.entries(call.headers).find(([, value]) => /[^\t\x20-\x7e\x80-\xff]/u.test(value));
  return broken === undefined
    ? null
    : `the value of the header ${broken[0]} holds characters that no header can: mend its variable`;
}

function headersOf(call: Call, request: Request, plan: PlanDraft): Readonly<Record<string, string>> {
  const own = new Set(Object.keys(call.headers).map((name) => name.toLowerCase()));
  const json = request.body !== null && !own.has('content-type');
  return {
    ...(json ? { 'content-type': 'application/json' } : {}),
    ...(call.idempotencyKey ? { 'idempotency-key': keyOf(plan) } : {}),
    ...call.headers,
  };
}

/** The same call to the same service with the same values is the same change, whoever approved it. */
function keyOf({ identity, scope }: PlanDraft): string {
  return createHash('sha256').update(canonicalJson({ identity, scope })).digest('hex').slice(0, 32);
}
