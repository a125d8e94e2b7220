/** JSON as it comes from outside: looked at with these, never assumed. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The objects of a list; null when it is no list. */
export function objects(value: unknown): readonly Json[] | null {
  return Array.isArray(value) ? value.filter(isObject) : null;
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
