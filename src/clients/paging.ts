/** A paging service: PagerDuty's Events API v2 (developer.pagerduty.com, "Send an alert event"), or any URL with plain JSON. */
import type { Page } from '../domain/escalation.ts';
import { askHttp } from './http.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 64 * 1024;

export interface PagingAddress {
  /** May carry a secret: never shown. */
  readonly url: string;
  /** Null: plain JSON. */
  readonly routingKey: string | null;
}

export type Paged =
  | { readonly sent: true }
  /** `again`: it may go through later. */
  | { readonly sent: false; readonly again: boolean; readonly why: string };

export async function sendPage(address: PagingAddress, page: Page, signal: AbortSignal): Promise<Paged> {
  try {
    const { status } = await askHttp(address.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        address.routingKey === null ? plainBody(page) : eventsBody(address.routingKey, page),
      ),
      signal,
      timeoutMs: TIMEOUT_MS,
      maxBytes: ANSWER_BYTES,
      longer: 'cut',
    });
    if (status >= 200 && status < 300) return { sent: true };
    const again = status === 429 || status >= 500;
    return { sent: false, again, why: `the paging service answered HTTP ${status}` };
  } catch (error) {
    return { sent: false, again: true, why: error instanceof Error ? error.message : String(error) };
  }
}

function eventsBody(routingKey: string, page: Page): object {
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: page.dedupKey,
    client: 'Pageturner',
    payload: {
      summary: page.summary,
      severity: page.severity,
      source: page.source,
      custom_details: page.details,
    },
  };
}

function plainBody(page: Page): object {
  return {
    dedup_key: page.dedupKey,
    summary: page.summary,
    severity: page.severity,
    source: page.source,
    ...page.details,
  };
}
