/** Servers that say on a path of their own whether they can take work. */
import { z } from 'zod';
import { askHttp } from '../clients/http.ts';
import { under } from '../clients/http-json.ts';
import { refusedCredentials, TargetError } from '../clients/target-error.ts';
import type { ProbeKind } from '../domain/probe.ts';
import { oneLine } from '../domain/text.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';

const MAX_BODY_BYTES = 65_536;
const MAX_REDIRECTS = 3;

const settings = z.strictObject({});

/** Up with any 2xx; otherwise down with the status and what the server says about it. */
function readyKind(name: string, path: string): ProbeKind<z.output<typeof settings>> {
  return probeKind({
    name,
    settings,
    needs: { schemes: ['http', 'https'] },
    facts: { status: { type: 'number' } },
    async probe(target, _settings, { signal, timeoutMs }) {
      const ask = {
        signal,
        timeoutMs,
        maxBytes: MAX_BODY_BYTES,
        redirects: MAX_REDIRECTS,
      };
      const { status, body } = await askHttp(under(addressOf(target), path), ask);
      if (status >= 200 && status < 300) return up({ status });
      if (status === 401 || status === 403) throw refusedCredentials(`HTTP ${status}`);
      const said = oneLine(body.toString('utf8'), 60);
      throw new TargetError('down', `HTTP ${status}${said === '' ? '' : `: ${said}`}`);
    },
  });
}

export const prometheusReady = readyKind('prometheus.ready', '/-/ready');
export const lokiReady = readyKind('loki.ready', '/ready');
export const llmHealth = readyKind('llm.health', '/health');
