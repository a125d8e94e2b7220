/** The exact request: path, query and body with their values, or what is wrong with them. */
import { under } from '../../clients/http-json.ts';
import type { SettingsProblem } from '../../domain/action.ts';
import { type Call, type Declared, shownAddress } from '../../domain/target.ts';
import { checkValues, fillJson, fillText, notDeclared, type Values } from '../places.ts';

interface Chosen {
  readonly call: string;
  readonly with: Values;
}

export interface Request {
  /** With credentials, if the address has them. */
  readonly url: string;
  readonly body: string | null;
  /** The whole of it for people and for the digest: without credentials, headers by name. */
  readonly does: string;
}

export function findCall(declared: Declared, name: string): Call | null {
  return Object.hasOwn(declared.calls, name) ? (declared.calls[name] ?? null) : null;
}

export function checkCall(declared: Declared, chosen: Chosen): readonly SettingsProblem[] {
  const call = findCall(declared, chosen.call);
  if (call === null) return [notDeclared('call', 'call', chosen.call, Object.keys(declared.calls))];
  const problems = checkValues(chosen.call, [call.path, call.query, call.body], chosen.with);
  return problems.length > 0 ? problems : checkPath(call, chosen);
}

/** `..` and an empty part would lead to another path than the one that was declared (RFC 3986, 5.2.4). */
function checkPath(call: Call, chosen: Chosen): readonly SettingsProblem[] {
  return call.path.split('/').flatMap((part) => {
    const place = /\{([a-z][a-z0-9_-]*)\}/u.exec(part)?.[1];
    const filled = fillText(part, chosen.with, encodeURIComponent);
    if (place === undefined || !['', '.', '..'].includes(filled)) return [];
    const found = filled === '' ? 'empty' : `"${filled}"`;
    const message = `the value of ${place} is ${found}, which would change the path; expected another`;
    return [{ path: ['with', place], message }];
  });
}

/** `address`: where the service is. Values are percent-encoded in path and query, and texts of JSON in the body. */
export function buildRequest(call: Call, address: string, values: Values): Request {
  const query = Object.entries(call.query).map(
    ([name, text]) => `${encodeURIComponent(name)}=${fillText(text, values, encodeURIComponent)}`,
  );
  const path = `${fillText(call.path, values, encodeURIComponent)}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  const body = call.body === null ? null : JSON.stringify(fillJson(call.body, values));
  const names = Object.keys(call.headers).sort();
  const does = [
    `${call.method} ${shownAddress(address)}${path}`,
    ...(names.length > 0 ? [`with ${names.join(', ')}`] : []),
    ...(body === null ? [] : [`and the body ${body}`]),
  ].join(' ');
  return { url: under(address, path), body, does };
}
