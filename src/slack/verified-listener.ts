/** Slack's HTTP requests on their way to Bolt: verified, bounded, and an object inside, since Bolt ends the process on `payload=null`. */
import type { RequestListener } from 'node:http';
import { HTTPModuleFunctions, type HTTPReceiver } from '@slack/bolt';
import type { Logger } from 'pino';

/** Slack's payloads are far smaller; a larger body is refused before it is read. */
const BODY_LIMIT_BYTES = 1024 * 1024;

export function createVerifiedListener(
  receiver: Pick<HTTPReceiver, 'requestListener'>,
  signingSecret: string,
  log: Logger,
): RequestListener {
  const { parseAndVerifyHTTPRequest, parseHTTPRequestBody, isRawBodyError } = HTTPModuleFunctions;
  return async (req, res) => {
    const refuse = (status: number, error: unknown): void => {
      log.warn({ err: error, status }, 'a request to /slack/events was refused');
      res.writeHead(status).end();
    };
    let body: unknown;
    try {
      const verified = await parseAndVerifyHTTPRequest({ signingSecret, bodyLimit: BODY_LIMIT_BYTES }, req);
      try {
        body = parseHTTPRequestBody(verified);
      } catch (error) {
        return refuse(400, error);
      }
    } catch (error) {
      return refuse(isRawBodyError(error) && error.statusCode === 413 ? 413 : 401, error);
    }
    if (!isObject(body)) return refuse(400, 'not an object');
    // Bolt finds the body already read (`rawBody`) and verifies it once more.
    receiver.requestListener(req, res);
  };
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
