/** The second of an upload's three calls: the file itself, as the body or as the first part of a form. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './read-body.ts';
import type { Store } from './store.ts';

const LARGEST = 64 * 1024 * 1024;

export async function takeUpload(
  store: Store,
  id: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const sent = await readBody(req, LARGEST);
  const file = store.files.get(id);
  if (file === undefined || file.state === 'complete') {
    res.writeHead(404).end('no such upload');
    return;
  }
  const type = req.headers['content-type'] ?? '';
  const body = type.startsWith('multipart/form-data') ? await firstPart(sent, type) : sent;
  store.putFile({ ...file, body, state: 'uploaded' });
  res.writeHead(200, { 'content-type': 'text/plain' }).end(`OK - ${body.length}`);
}

async function firstPart(body: Buffer, type: string): Promise<Buffer> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const [part] = [...form.values()];
  return part === undefined || typeof part === 'string'
    ? Buffer.from(part ?? '')
    : Buffer.from(await part.arrayBuffer());
}
