/** Reads a body up to a bound; past it the rest is thrown away. */
import type { IncomingMessage } from 'node:http';

/** What is not UTF-8 in it becomes U+FFFD: whether anything can be read is for the reader to say. */
export type Body = { readonly text: string } | { readonly problem: 'too large' | 'cut off' };

export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Body> {
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > maxBytes) return { problem: 'too large' };
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of req as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes) return { problem: 'too large' };
      parts.push(part);
    }
  } catch {
    return { problem: 'cut off' };
  }
  return { text: new TextDecoder('utf-8').decode(Buffer.concat(parts)) };
}
