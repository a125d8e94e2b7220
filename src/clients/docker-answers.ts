/** Reads from a Docker engine: bounded in time and size, by the engine's own HTTP API. Never changes anything. */
import { type ZodType, z } from 'zod';
import { askHttp, type HttpAnswer, type HttpAsk } from './http.ts';
import { parseJson } from './http-json.ts';
import { TargetError, wrongAnswer } from './target-error.ts';

/** Docker Engine API: old enough for every engine in use, new enough for `OOMKilled` and volume sizes. */
const API = '/v1.41';
const MAX_ANSWER_BYTES = 16 * 1_048_576;

type Bounds = Pick<HttpAsk, 'signal' | 'timeoutMs'> & Partial<Pick<HttpAsk, 'maxBytes' | 'longer'>>;

/** The body of a successful answer. Throws a TargetError that says what the engine said. */
export async function readDocker(host: string, path: string, bounds: Bounds): Promise<Buffer> {
  const answer = await askEngine(host, path, bounds);
  if (answer.status === 200) return answer.body;
  const said = message.safeParse(parseJson(answer.body.toString('utf8')));
  const text = said.success ? said.data.message : `HTTP ${answer.status}`;
  throw new TargetError(
    'down',
    answer.status === 404 && said.success ? text : `the Docker engine says: ${text}`,
  );
}

/** Says that it was the engine that could not be reached: a container's reader would not know otherwise. */
async function askEngine(host: string, path: string, bounds: Bounds): Promise<HttpAnswer> {
  const { base, socketPath } = engineAddress(host);
  try {
    const answer = await askHttp(`${base}${API}${path}`, {
      maxBytes: MAX_ANSWER_BYTES,
      ...bounds,
      ...(socketPath === null ? {} : { socketPath }),
    });
    // Every answer of an engine has it; a log is any text, so nothing else would tell another server's page.
    if (answer.headers['api-version'] === undefined) throw new TargetError('down', 'does not speak Docker');
    return answer;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError(error.state, `the Docker engine: ${error.message}`, { cause: error });
  }
}

export async function readDockerJson<T>(
  host: string,
  path: string,
  schema: ZodType<T>,
  bounds: Bounds,
): Promise<T> {
  const text = (await readDocker(host, path, bounds)).toString('utf8');
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw wrongAnswer(text, parsed.error);
  return parsed.data;
}

const message = z.object({ message: z.string() });

function engineAddress(host: string): { readonly base: string; readonly socketPath: string | null } {
  if (!URL.canParse(host)) throw new TargetError('unknown', 'the Docker engine’s address is not a URL');
  const url = new URL(host);
  if (url.protocol === 'unix:') return { base: 'http://docker', socketPath: url.pathname };
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  return { base: `${scheme}://${url.hostname}:${url.port === '' ? 2375 : url.port}`, socketPath: null };
}
