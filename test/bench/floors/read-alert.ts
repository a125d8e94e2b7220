/** What a floor reads of a webhook: the alert's name. */
import type { IncomingMessage } from 'node:http';

export async function readAlert(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of req as AsyncIterable<Buffer>) parts.push(part);
  const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as {
    commonLabels: { alertname: string };
  };
  return body.commonLabels.alertname;
}
