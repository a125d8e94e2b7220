/** The server's side of SCRAM-SHA-256 (RFC 5802 and 7677), for one user. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Scram {
  /** The server's first message, or null for another user. */
  first(clientFirst: string): string | null;
  /** The server's proof that it knows the password too, or null when the client's is wrong. */
  final(clientFinal: string): string | null;
}

const ITERATIONS = 4096;

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const hash = (data: Buffer): Buffer => createHash('sha256').update(data).digest();
const field = (message: string, name: string): string =>
  new RegExp(`(?:^|,)${name}=([^,]*)`, 'u').exec(message)?.[1] ?? '';

export function createScram(user: string, password: string): Scram {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const serverKey = hmac(salted, 'Server Key');
  let exchanged = '';
  return {
    first(clientFirst) {
      const bare = clientFirst.replace(/^n,,/u, '');
      if (field(bare, 'n') !== user) return null;
      const nonce = `${field(bare, 'r')}${randomBytes(12).toString('base64')}`;
      const answer = `r=${nonce},s=${salt.toString('base64')},i=${ITERATIONS}`;
      exchanged = `${bare},${answer}`;
      return answer;
    },
    final(clientFinal) {
      const message = `${exchanged},${clientFinal.replace(/,p=.*$/u, '')}`;
      const signature = hmac(hash(clientKey), message);
      const proof = Buffer.from(/,p=(.*)$/u.exec(clientFinal)?.[1] ?? '', 'base64');
      const expected = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
      if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) return null;
      return `v=${hmac(serverKey, message).toString('base64')}`;
    },
  };
}
