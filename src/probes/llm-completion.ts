/** One tiny answer of a language model: the server may say it is healthy while the model is not. */
import { z } from 'zod';
import { askJson, under } from '../clients/http-json.ts';
import { oneLine } from '../domain/text.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const MAX_ANSWER_BYTES = 262_144;

const settings = z.strictObject({
  model: z.string().min(1).max(200).default('qwen'),
  prompt: z.string().min(1).max(500).default('Answer with the one word: pong'),
  /** Words the model may write, about. */
  maxTokens: z.int().min(1).max(64).default(8),
});

/** OpenAI's chat completions, as compatible servers answer. */
const answer = z.object({
  model: z.string().optional(),
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z.object({ completion_tokens: z.number().optional() }).nullish(),
});

export const llmCompletion = probeKind<z.output<typeof settings>>({
  name: 'llm.completion',
  settings,
  needs: { schemes: ['http', 'https'] },
  facts: {
    answer: { type: 'text' },
    model: { type: 'text' },
    tokens: { type: 'number' },
    latency_ms: { type: 'number', unit: 'ms' },
  },
  async probe(target, { model, prompt, maxTokens }, { signal, timeoutMs }) {
    const started = performance.now();
    const found = await askJson(under(addressOf(target), '/v1/chat/completions'), answer, {
      signal,
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: prompt }],
        max_tokens: maxTokens,
        temperature: 0,
        stream: false,
      }),
    });
    const text = oneLine(found.choices[0]?.message.content ?? '', 120);
    const facts = {
      answer: text,
      model: found.model ?? null,
      tokens: found.usage?.completion_tokens ?? null,
      latency_ms: Math.round(performance.now() - started),
    };
    return text === '' ? degraded('the model answers with nothing', facts) : up(facts);
  },
});
