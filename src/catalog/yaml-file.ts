/** One YAML file as plain data, with the place of every key and value for messages. */
import { readFile, stat } from 'node:fs/promises';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { PlacedProblem } from '../domain/placed-problem.ts';
import { oneLine } from '../domain/text.ts';
import { type Path, type Problem, type Report, show } from './problem.ts';

const LARGEST_BYTES = 256 * 1024;
/** Anchors may be used, but what they stand for may not multiply. */
const MOST_ALIASES = 100;
const DEEPEST = 32;
/** None of them is ever meant, and PostgreSQL keeps no NUL. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

export interface YamlFile {
  /** As it is shown in messages. */
  readonly name: string;
  readonly data: unknown;
  /** Reports a problem with the value (or the key) at `path`; at the nearest thing above it if it isn't there. */
  fault(path: Path, message: string, more?: FaultPlace): void;
}

/** Problems inside what stands at `path`. */
export function faults(file: YamlFile, path: Path, problems: readonly PlacedProblem[]): void {
  for (const { path: place, message, at = 'value' } of problems)
    file.fault([...path, ...place], message, { at });
}

export interface FaultPlace {
  readonly at?: 'key' | 'value';
  readonly variable?: string;
}

/** Null when it can't be used: then every reason is in the report. */
export async function readYamlFile(path: string, name: string, report: Report): Promise<YamlFile | null> {
  const fail = (message: string): null => {
    report.add({ file: name, line: 1, col: 1, message });
    return null;
  };
  try {
    const { size } = await stat(path);
    if (size > LARGEST_BYTES) return fail(`the file has ${size} bytes; expected at most ${LARGEST_BYTES}`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return parseYaml(text, name, report);
  } catch (error) {
    if (error instanceof TypeError) return fail('the file is not UTF-8 text; save it as UTF-8');
    return fail(
      `the file can't be read: ${error instanceof Error ? oneLine(error.message) : 'unknown reason'}`,
    );
  }
}

/** Unknown tags, duplicate keys, several documents, anchors that explode: each is one problem, and no data. */
export function parseYaml(text: string, name: string, report: Report): YamlFile | null {
  const lines = new LineCounter();
  const problemAt = (offset: number, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file: name, line: Math.max(1, line), col: Math.max(1, col), message };
  };
  const tooDeep = deepestBracket(text);
  if (tooDeep !== null) {
    lines.addNewLine(0);
    for (let i = text.indexOf('\n'); i >= 0 && i < tooDeep; i = text.indexOf('\n', i + 1))
      lines.addNewLine(i + 1);
    report.add(problemAt(tooDeep, `nested more than ${DEEPEST} deep; expected a few levels at most`));
    return null;
  }
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    version: '1.2',
  });
  // After the first error in the syntax the parser only guesses.
  const [first, ...others] = doc.errors;
  const errors = first === undefined ? [] : [first, ...others.filter(({ code }) => code === 'DUPLICATE_KEY')];
  const faults = [...errors, ...doc.warnings].map(({ code, pos, message }) => {
    const open = code === 'MISSING_CHAR' && /quote$/u.test(message) ? lastQuote(doc) : null;
    return open === null
      ? problemAt(pos[0], sayYamlError(message))
      : problemAt(
          open,
          'not valid YAML: the quote that opens here is never closed; expected another at its end',
        );
  });
  if (faults.length === 0) faults.push(...forbidden(doc, text, problemAt));
  for (const fault of faults) report.add(fault);
  if (faults.length > 0) return null;
  const data = plainData(doc, report, problemAt);
  if (data === null) return null;
  return {
    name,
    data: data.value,
    fault: (path, message, { at = 'value', variable } = {}) => {
      const problem = problemAt(offsetOf(doc, path, at), message);
      report.add(variable === undefined ? problem : { ...problem, variable });
    },
  };
}

/** The parser recurses: what is nested beyond any use would exhaust its stack before its tree could be looked at. */
function deepestBracket(text: string): number | null {
  const inline = new RegExp(`(?:[-?] +){${DEEPEST + 1}}`, 'u').exec(text);
  if (inline !== null) return inline.index;
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/gu)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > DEEPEST) return index;
  }
  return null;
}

function sayYamlError(message: string): string {
  if (message.startsWith('Map keys must be unique')) return 'this key is there twice; expected each key once';
  if (message.startsWith('Unresolved tag'))
    return `${oneLine(message)}; expected plain YAML without tags of its own`;
  if (message.startsWith('Source contains multiple documents'))
    return 'a second document begins; expected one for each file';
  if (message.startsWith('Nested mappings are not allowed'))
    return 'not valid YAML: a key inside a text; expected quotes around a text with ": " in it, and a key on the next line no further in than its neighbours';
  return `not valid YAML: ${oneLine(message)}`;
}

/** The parser tells of an unclosed quote where the file ends; a person looks for where it began. */
function lastQuote(doc: Document.Parsed): number | null {
  let last: number | null = null;
  visit(doc, {
    Scalar: (_key, { type, range }) => {
      if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') last = range?.[0] ?? last;
    },
  });
  return last;
}

const PLAIN_TAGS = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(
  (tag) => `tag:yaml.org,2002:${tag}`,
);

function forbidden(
  doc: Document.Parsed,
  text: string,
  problemAt: (offset: number, message: string) => Problem,
): Problem[] {
  const problems: Problem[] = [];
  visit(doc, (_key, node, path) => {
    const tag = isNode(node) && !isAlias(node) ? node.tag : undefined;
    if (isNode(node) && tag !== undefined && !PLAIN_TAGS.includes(tag)) {
      const at = text.lastIndexOf('!!', node.range?.[0] ?? 0);
      problems.push(
        problemAt(Math.max(0, at), `the tag ${oneLine(tag)}; expected plain YAML without tags of its own`),
      );
      return visit.SKIP;
    }
    if (isAlias(node) && node.resolve(doc) === undefined) {
      const message = `there is no anchor "${node.source}" before this alias; expected &${node.source} above`;
      problems.push(problemAt(node.range?.[0] ?? 0, message));
    }
    if (isPair(node) && isScalar(node.key) && typeof node.key.value !== 'string') {
      problems.push(
        problemAt(
          node.key.range?.[0] ?? 0,
          `the key ${show(node.key.value)} is not a text; write it in quotes`,
        ),
      );
    }
    if (isPair(node) && isScalar(node.key) && node.key.value === '__proto__') {
      problems.push(problemAt(node.key.range?.[0] ?? 0, 'the key "__proto__" can\'t be used'));
    }
    if (isPair(node) && !isScalar(node.key)) {
      const start = isNode(node.key) ? (node.key.range?.[0] ?? 0) : 0;
      problems.push(problemAt(start, 'a key is not a plain text'));
    }
    // JSON has no word for these, and runbooks are journalled as JSON.
    const value = isScalar(node) ? node.value : null;
    const isUnsayable =
      typeof value === 'number'
        ? !Number.isFinite(value)
        : typeof value === 'string' && (!value.isWellFormed() || CONTROL.test(value));
    if (isScalar(node) && isUnsayable) {
      problems.push(
        problemAt(
          node.range?.[0] ?? 0,
          `found ${show(value)}; expected a number or a text that JSON can hold, without control characters`,
        ),
      );
    }
    if (isNode(node) && path.length > DEEPEST * 2) {
      problems.push(
        problemAt(node.range?.[0] ?? 0, `nested more than ${DEEPEST} deep; expected a few levels at most`),
      );
      return visit.BREAK;
    }
    return undefined;
  });
  return problems;
}

function plainData(
  doc: Document.Parsed,
  report: Report,
  problemAt: (offset: number, message: string) => Problem,
): { readonly value: unknown } | null {
  try {
    return { value: doc.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch {
    let first: number | null = null;
    visit(doc, {
      Alias: (_key, alias) => {
        first ??= alias.range?.[0] ?? 0;
      },
    });
    report.add(
      problemAt(
        first ?? 0,
        `the aliases from here on multiply, or refer to themselves; expected at most ${MOST_ALIASES} uses of anchors`,
      ),
    );
    return null;
  }
}

function offsetOf(doc: Document.Parsed, path: Path, at: 'key' | 'value'): number {
  let node: unknown = doc.contents;
  let offset = doc.contents?.range?.[0] ?? 0;
  for (const [i, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(doc);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return offset;
      const wantsKey = at === 'key' && i === path.length - 1;
      const value = isNode(pair.value) ? pair.value : null;
      offset = startOf(wantsKey || isEmpty(value) ? pair.key : value) ?? offset;
      node = value;
    } else if (isSeq(node)) {
      node = typeof part === 'number' ? node.items[part] : undefined;
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

/** `key:` with nothing after it has its place at the next line: the key says more. */
const isEmpty = (node: Node | null): boolean =>
  node === null || (isScalar(node) && node.value === null && node.source === '');

const startOf = (node: unknown): number | null => (isNode(node) ? (node.range?.[0] ?? null) : null);
