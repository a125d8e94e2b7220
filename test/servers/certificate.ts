/** X.509 certificates in DER for a test: DNS names and IPv4 addresses, any dates, signed by themselves or by another. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface Issued {
  readonly cert: string;
  readonly key: string;
}
export interface Authority extends Issued {
  readonly name: string;
  readonly privateKey: KeyObject;
}

const tlv = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Uint8Array): Buffer => tlv(0x03, Buffer.from([0]), content);

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = '550403';
const ALTERNATIVE_NAMES = '551d11';
const BASIC_CONSTRAINTS = '551d13';

function distinguished(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid(COMMON_NAME), tlv(0x0c, Buffer.from(name)))));
}

/** GeneralizedTime, in whole seconds, for any year: readers take it though RFC 5280 (4.1.2.5) has UTCTime until 2049. */
function time(date: Date): Buffer {
  return tlv(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/gu, '').slice(0, 14)}Z`));
}

function alternativeName(name: string): Buffer {
  const octets = /^\d+(\.\d+){3}$/u.test(name) ? Buffer.from(name.split('.').map(Number)) : null;
  return octets === null ? tlv(0x82, Buffer.from(name)) : tlv(0x87, octets);
}

export interface Wanted {
  readonly names: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  /** Absent: signed by itself. */
  readonly by?: Authority;
}

const DAY_MS = 86_400_000;
export const days = (count: number): Date => new Date(Date.now() + count * DAY_MS);

export function issue(wanted: Wanted): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [name = 'nobody'] = wanted.names;
  const isAuthority = wanted.by === undefined;
  const extension = (id: string, ...value: Uint8Array[]) => sequence(oid(id), tlv(0x04, ...value));
  const extensions = sequence(
    extension(ALTERNATIVE_NAMES, sequence(...wanted.names.map(alternativeName))),
    extension(BASIC_CONSTRAINTS, sequence(...(isAuthority ? [tlv(0x01, Buffer.from([0xff]))] : []))),
  );
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    distinguished(wanted.by?.name ?? name),
    sequence(time(wanted.from ?? days(-1)), time(wanted.to ?? days(365))),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensions),
  );
  const signature = sign('sha256', body, wanted.by?.privateKey ?? privateKey);
  const der = sequence(body, ECDSA_SHA256, bits(signature)).toString('base64');
  const lines = der.match(/.{1,64}/gu)?.join('\n') ?? '';
  const cert = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), name, privateKey };
}
