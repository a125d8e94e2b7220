/** Files that are broken as YAML, or as texts: what editors, copying and haste leave behind. */
import { type Broken, runbook } from './broken-runbooks.ts';
import { RUNBOOK } from './written.ts';

const deep = (levels: number): string =>
  Array.from({ length: levels }, (_, i) => `${' '.repeat(i)}a:`).join('\n');

export const brokenWriting: readonly Broken[] = [
  { name: 'a tab before a key', yaml: runbook('title:', '▸\ttitle:'), says: /not valid YAML: .*tab/i },
  {
    name: 'a key one blank too far in',
    yaml: runbook('title: Redis is full', 'title: ▸Redis is full\n impact: none'),
    says: /not valid YAML: /,
  },
  {
    name: 'a key one blank too far out',
    yaml: runbook('      steps:', '▸     steps:'),
    says: /not valid YAML: /,
  },
  {
    name: 'a colon without a blank',
    yaml: runbook('title: Redis is full', '▸title:Redis is full'),
    says: /not valid YAML: |title/,
  },
  {
    name: 'a colon inside a text',
    yaml: runbook('title: Redis is full', 'title: ▸Redis: full'),
    says: /not valid YAML: /,
  },
  {
    name: 'an unclosed quote',
    yaml: runbook('says: "uses', 'says: ▸"uses').replace('%" }', '% }'),
    says: /not valid YAML: /,
  },
  {
    name: 'an unclosed map',
    yaml: runbook('section: memory }\nrecover:', 'section: memory\n▸recover:'),
    says: /not valid YAML: /,
  },
  {
    name: 'an escape that is none',
    yaml: runbook('Redis is full', '"Redis ▸\\q full"'),
    says: /not valid YAML: Invalid escape sequence \\q/,
  },
  {
    name: 'a text that begins with a percent sign',
    yaml: runbook('Redis is full', '▸%full'),
    says: /not valid YAML: /,
  },
  {
    name: 'a text that begins with an at sign',
    yaml: runbook('Redis is full', '▸@oncall'),
    says: /not valid YAML: /,
  },
  {
    name: 'a text that begins with a star',
    yaml: runbook('Redis is full', '▸*full'),
    says: /there is no anchor "full" before this alias/,
  },
  {
    name: 'a merge key',
    yaml: runbook('title: Redis', '▸<<: { title: x }\ntitle: Redis'),
    says: /unknown key "<<"/,
  },
  {
    name: 'a version that is a text',
    yaml: runbook('version: 1', 'version: ▸"1"'),
    says: /version is "1"; expected 1/,
  },
  {
    name: 'no version',
    yaml: runbook('version: 1\n', '').replace('title', '▸title'),
    says: /version is missing; expected 1/,
  },
  {
    name: 'a title of true',
    yaml: runbook('Redis is full', '▸true'),
    says: /title is true; expected a text/,
  },
  {
    name: 'a title of nothing',
    yaml: runbook('title: Redis is full', '▸title:'),
    says: /title is nothing; expected a text/,
  },
  {
    name: 'a title of blanks',
    yaml: runbook('Redis is full', '▸"  "'),
    says: /title is " {2}"; expected at least 1 character/,
  },
  {
    name: 'a list of nothing',
    yaml: runbook('verify:\n  - { probe: redis.ping, service: redis, within: 30s }', '▸verify:'),
    says: /verify is nothing; expected a list/,
  },
  {
    name: 'a step that is nothing',
    yaml: runbook('  - memory: {', '  - ▸\n  - memory: {'),
    says: /0 is nothing; expected a map/,
  },
  {
    name: 'a named step without anything in it',
    yaml: runbook('  - memory: {', '  - ▸ping:\n  - memory: {'),
    says: /ping is nothing; expected a map/,
  },
  {
    name: 'an emoji for a key',
    yaml: runbook('title: Redis', '▸🔥: hot\ntitle: Redis'),
    says: /unknown key "🔥"; expected one of version/,
  },
  {
    name: 'an emoji for a step’s name',
    yaml: runbook('  - memory: {', '  - ▸🔥: {'),
    says: /the name "🔥"; expected a name of lower-case/,
  },
  {
    name: 'a number for a step’s name',
    yaml: runbook('  - memory: {', '  - ▸1: {'),
    says: /the key 1 is not a text; write it in quotes/,
  },
  {
    name: 'a number larger than any',
    yaml: runbook('db: 0', 'db: ▸99999999999999999999999'),
    says: /db is 1e\+23; expected a number of at most 15/,
  },
  {
    name: 'a number with a fraction',
    yaml: runbook('db: 0', 'db: ▸0.5'),
    says: /db is 0.5; expected a whole number/,
  },
  {
    name: 'a number for a duration',
    yaml: runbook('within: 30s', 'within: ▸30000'),
    says: /within is 30000; expected a duration/,
  },
  {
    name: 'a duration in words',
    yaml: runbook('within: 30s', 'within: ▸half a minute'),
    says: /expected a duration/,
  },
  {
    name: 'a duration below zero',
    yaml: runbook('within: 30s', 'within: ▸-5s'),
    says: /within is "-5s"; expected a duration/,
  },
  {
    name: 'a list at the top',
    yaml: `▸- version: 1\n- title: x\n`,
    says: /the file is a list; expected a map/,
  },
  { name: 'a text at the top', yaml: '▸see the wiki\n', says: /the file is "see the wiki"; expected a map/ },
  { name: 'only a comment', yaml: '▸# to do\n', says: /the file is nothing; expected a map/ },
  { name: 'a conflict that nobody resolved', yaml: `▸<<<<<<< HEAD\n${RUNBOOK}`, says: /not valid YAML: / },
  {
    name: 'a binary value',
    yaml: runbook('Redis is full', '▸!!binary aGVsbG8='),
    says: /the tag tag:yaml.org,2002:\w+; expected plain YAML/,
  },
  {
    name: 'a date for a text',
    yaml: runbook('Redis is full', '▸!!timestamp 2024-01-01'),
    says: /the tag tag:yaml.org,2002:\w+; expected plain YAML/,
  },
  {
    name: 'a NUL',
    yaml: runbook('Redis is full', '▸Redis\0full'),
    says: /found "Redis\\u0000full"; expected .* without control characters/,
  },
  {
    name: 'a second map in one line',
    yaml: runbook('service: redis, db: 0 }', 'service: redis, db: 0 } ▸{}'),
    says: /not valid YAML: /,
  },
  {
    name: 'a step that is both probe and action',
    yaml: runbook('{ action: redis', '{ ▸probe: redis.ping, action: redis'),
    says: /both probe and action|unknown key "probe"/,
  },
  {
    name: 'maps inside maps inside maps',
    yaml: `version: 1\ntitle: x\nimpact:\n${deep(40)}`.replace(
      `\n${' '.repeat(31)}a`,
      `\n${' '.repeat(31)}▸a`,
    ),
    says: /nested more than 32 deep/,
  },
];
