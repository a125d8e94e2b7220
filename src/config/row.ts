/** One variable of the environment, and what reading a table of them gives. */
import type { Form } from './forms.ts';

export interface Row<T = unknown> {
  readonly form: Form<T>;
  /** As it would be written in `.env`. Without it the value is null when the variable isn't set. */
  readonly standard?: string;
  /** What holds without the variable, for people, where there is no default: "the embedded PostgreSQL". */
  readonly otherwise?: string;
  /** The whole value must never be shown. An address' password is kept secret by its form. */
  readonly secret?: true;
  /** One or more values that work, for the refusal and the pages; the default where there is none. */
  readonly example?: string | readonly [string, ...string[]];
  /** One or two sentences for operators: what it changes, and when to set it. */
  readonly says: string;
  /** Stands without a comment sign in `.env.example`: everybody with a Slack fills it in. */
  readonly needed?: true;
}

export type Table = Readonly<Record<string, Row>>;

export type Values<T extends Table> = {
  readonly [N in keyof T]: T[N] extends { readonly form: Form<infer V> }
    ? T[N] extends { readonly standard: string }
      ? V
      : V | null
    : never;
};

/** `NAME=example`, or several of them. */
export function examplesOf(name: string, { example, standard = '' }: Row): string {
  return [example ?? standard]
    .flat()
    .map((one) => `${name}=${one}`)
    .join(' or ');
}
