/** A receiver's TLS: does the handshake work, is the certificate trusted, for this name, and for how long yet. */
import { z } from 'zod';
import { TargetError } from '../clients/target-error.ts';
import { shakeHands, type TlsAnswer } from '../clients/tls.ts';
import type { Facts, ProbeFinding } from '../domain/probe.ts';
import { cut } from '../domain/text.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const DAY_MS = 86_400_000;

const settings = z.strictObject({
  /** Days left, below which it is degraded. */
  minDays: z.number().min(0).default(14),
  /** A PEM file with authorities to trust beside the usual ones. */
  ca: z.string().min(1).optional(),
});

export const tls = probeKind<z.output<typeof settings>>({
  name: 'tls',
  settings,
  needs: { schemes: ['tls', 'https'] },
  facts: {
    days_left: { type: 'number', unit: 'days' },
    valid_to: { type: 'text' },
    subject: { type: 'text' },
    issuer: { type: 'text' },
    names: { type: 'text' },
    trusted: { type: 'boolean' },
    protocol: { type: 'text' },
    cipher: { type: 'text' },
  },
  async probe(target, { minDays, ca }, { signal }) {
    const url = new URL(addressOf(target));
    const host = url.hostname.replace(/^\[|\]$/gu, '');
    if (host === '') throw new TargetError('unknown', 'the address is not tls://host:port?servername=name');
    const answer = await shakeHands({
      host,
      port: url.port === '' ? 443 : Number(url.port),
      servername: url.searchParams.get('servername') ?? host,
      caFile: ca ?? null,
      signal,
    });
    return finding(answer, minDays, url.searchParams.get('servername') ?? host);
  },
});

function finding(answer: TlsAnswer, minDays: number, servername: string): ProbeFinding {
  const { certificate, distrust, wrongName } = answer;
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / DAY_MS);
  const facts: Facts = {
    days_left: days,
    valid_to: new Date(certificate.valid_to).toISOString(),
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: cut(certificate.subjectaltname ?? '', 200),
    trusted: distrust === null,
    protocol: answer.protocol,
    cipher: answer.cipher,
  };
  if (Date.parse(certificate.valid_to) <= Date.now()) {
    return { state: 'down', reason: `certificate has expired (${facts.valid_to})`, facts };
  }
  if (Date.parse(certificate.valid_from) > Date.now())
    return { state: 'down', reason: 'certificate is not valid yet', facts };
  if (wrongName) {
    const names = cut(certificate.subjectaltname ?? nameOf(certificate.subject), 80);
    return { state: 'down', reason: `certificate is for another name than ${servername}: ${names}`, facts };
  }
  if (distrust !== null) return degraded(distrust, facts);
  if (days < minDays) return degraded(`certificate expires in ${days} days, fewer than ${minDays}`, facts);
  return up(facts);
}

function nameOf(name: { readonly CN?: string | string[]; readonly O?: string | string[] }): string {
  const [first] = [name.CN ?? name.O ?? ''].flat();
  return first ?? '';
}
