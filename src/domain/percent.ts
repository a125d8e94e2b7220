/**
 * RFC 3986, 2.1 and 2.4: a percent sign stands before two hexadecimal digits, and is itself written as `%25`. Drivers
 * decode user, password, database and parameters by themselves, and throw at anything else, bytes that are no UTF-8 too.
 */
export const PERCENT_FOUND = 'an address with a % that is no encoded character';
export const PERCENT_EXPECTED = 'a % of a name or password written as %25';

export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
