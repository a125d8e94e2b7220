/** Confirms a subscription of SNS by asking for the address that came with it. */
import { request } from 'undici';

const TIMEOUT_MS = 10_000;

/** `url` has been held against SNS's own addresses. @throws unless SNS says 200. */
export async function confirmSns(url: string, signal: AbortSignal): Promise<void> {
  const { statusCode, body } = await request(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  await body.dump();
  if (statusCode !== 200) throw new Error(`SNS answered ${statusCode}`);
}
