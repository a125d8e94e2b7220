/**
 * A dump's script as it streams by, without the statements that only a member of other roles may run: who owns what, and
 * the default rights of others. They are kept in a strict form, to be run afterwards, one by one.
 */

const NEW_LINE = 10;
/** A longer line is none of those looked for. */
const LONGEST = 4096;
const MOST_LATER = 200_000;

const NAME = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`;
const ARGUMENTS = String.raw`\((?:[\w\s,.$\[\]]|"(?:[^"]|"")+")*\)`;
const KIND = 'TABLE|SEQUENCE|VIEW|MATERIALIZED VIEW|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN';
const OWNER = new RegExp(`^ALTER (${KIND}) (${NAME})\\.(${NAME}(?:${ARGUMENTS})?) OWNER TO (${NAME});$`, 'u');
const SCHEMA_OWNER = new RegExp(`^ALTER (SCHEMA) ((${NAME})) OWNER TO (${NAME});$`, 'u');
const DEFAULTS = new RegExp(
  `^ALTER DEFAULT PRIVILEGES FOR ROLE (${NAME})(?: IN SCHEMA ${NAME})? (?:GRANT|REVOKE) [A-Z, ]+ ON (?:TABLES|SEQUENCES|FUNCTIONS|TYPES|SCHEMAS) (?:TO|FROM) ${NAME}(?: WITH GRANT OPTION)?;$`,
  'u',
);
/** Written for every extension, and only its owner may. */
const EXTENSION_COMMENT = /^COMMENT ON EXTENSION .+ IS '(?:[^']|'')*';$/u;
const COPY = /^COPY .+ FROM stdin;$/u;

export interface Later {
  /** One statement, of one of the forms above. */
  readonly sql: string;
  readonly role: string;
  /** Whose object it changes; null: none. */
  readonly schema: string | null;
}

type Within = null | "'" | "e'" | '"' | '--' | '/*' | `$${string}`;

/** The dump's own pair (pg_dump since August 2025) would be refused inside of the one that it is run in. */
const RESTRICT = /^\\(?:un)?restrict [A-Za-z0-9]+$/u;

/** Adds to `later` what it leaves out and is to be run afterwards. Chunks may end anywhere. */
export async function* splitScript(from: AsyncIterable<Buffer>, later: Later[]): AsyncGenerator<Buffer> {
  const state = { copying: false, within: null as Within, atStart: true };
  const isLeftOut = (line: string): boolean => {
    if (state.within !== null || !state.atStart) return false;
    if (RESTRICT.test(line) || EXTENSION_COMMENT.test(line)) return true;
    const found = laterOf(line);
    if (found === null || later.length >= MOST_LATER) return false;
    later.push(found);
    return true;
  };
  const take = (bytes: Buffer): boolean => {
    if (state.copying) {
      state.copying = !bytes.subarray(0, 3).equals(Buffer.from('\\.\n'));
      return true;
    }
    const line = bytes.length > LONGEST ? '' : bytes.toString('utf8').replace(/\r?\n$/u, '');
    if (line !== '' && isLeftOut(line)) return false;
    if (state.within === null && state.atStart && COPY.test(line)) state.copying = true;
    else pass(bytes.toString('latin1'), state);
    return true;
  };
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of from) {
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const kept: Buffer[] = [];
    let start = 0;
    for (let end = all.indexOf(NEW_LINE); end !== -1; end = all.indexOf(NEW_LINE, start)) {
      const line = all.subarray(start, end + 1);
      if (take(line)) kept.push(line);
      start = end + 1;
    }
    held = all.subarray(start);
    yield Buffer.concat(kept);
  }
  if (held.length > 0 && take(held)) yield held;
}

function laterOf(line: string): Later | null {
  const owned = OWNER.exec(line) ?? SCHEMA_OWNER.exec(line);
  if (owned !== null) return { sql: line, role: unquoted(owned[4] ?? ''), schema: unquoted(owned[2] ?? '') };
  const role = DEFAULTS.exec(line)?.[1];
  return role === undefined ? null : { sql: line, role: unquoted(role), schema: null };
}

const unquoted = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();

const DOLLAR = /\$(?:[A-Za-z_\u0080-\u00ff][\w\u0080-\u00ff]*)?\$/uy;

/** Moves over a piece of script: whether it ends inside of quotes or a comment, and whether a statement may begin. */
function pass(text: string, state: { within: Within; atStart: boolean }): void {
  let i = 0;
  while (i < text.length) {
    if (state.within !== null) {
      i = leave(text, i, state);
      continue;
    }
    const c = text.charAt(i);
    DOLLAR.lastIndex = i;
    const dollar = c === '$' && !/[\w$]/u.test(text.charAt(i - 1)) ? DOLLAR.exec(text)?.[0] : undefined;
    if (text.startsWith('--', i)) state.within = '--';
    else if (text.startsWith('/*', i)) state.within = '/*';
    else if (dollar !== undefined) state.within = dollar as `$${string}`;
    else if (c === "'")
      state.within = /(?:^|[^\w$])[eE]$/u.test(text.slice(Math.max(0, i - 2), i)) ? "e'" : "'";
    else if (c === '"') state.within = '"';
    else if (c === ';') state.atStart = true;
    if (!/[\s;]/u.test(c) && state.within !== '--' && state.within !== '/*') state.atStart = false;
    i += dollar?.length ?? (state.within === '--' || state.within === '/*' ? 2 : 1);
  }
}

/** Where the text goes on after what it is within; its length when that doesn't end here. */
function leave(text: string, from: number, state: { within: Within }): number {
  const { within } = state;
  if (within === "e'") {
    for (let i = from; i < text.length; i += 1) {
      if (text.charAt(i) === '\\') i += 1;
      else if (text.charAt(i) === "'") {
        state.within = null;
        return i + 1;
      }
    }
    return text.length;
  }
  const end = within === '--' ? '\n' : within === '/*' ? '*/' : (within ?? '');
  const at = text.indexOf(end, from);
  if (at === -1) return text.length;
  state.within = null;
  return at + end.length;
}
