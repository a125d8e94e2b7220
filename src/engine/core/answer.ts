/** What a person who asked for something is answered, in one sentence. */
export type Answer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string };
