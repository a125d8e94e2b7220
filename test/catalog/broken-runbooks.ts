/** Runbooks with one thing wrong in each. */
import { RUNBOOK } from './written.ts';

/** In each, `▸` stands right before what is wrong. */
export interface Broken {
  readonly name: string;
  readonly yaml: string;
  readonly says: RegExp;
}

export const runbook = (from: string, to: string): string => {
  if (!RUNBOOK.includes(from)) throw new Error(`no ${from}`);
  return RUNBOOK.replace(from, to);
};
const DIAGNOSE = 'memory: { probe: redis.info, service: redis, section: memory }';

export const brokenRunbooks: readonly Broken[] = [
  {
    name: 'a duplicate key',
    yaml: runbook('title: Redis is full', 'title: Redis is full\n▸title: again'),
    says: /this key is there twice/,
  },
  {
    name: 'an unknown key',
    yaml: runbook('triggers:', '▸trigers:'),
    says: /unknown key "trigers"; expected one of version, .*did you mean "triggers"\?/,
  },
  {
    name: 'a missing key',
    yaml: runbook('title: Redis is full\n', '').replace('version', '▸version'),
    says: /title is missing; expected a text/,
  },
  { name: 'a wrong version', yaml: runbook('version: 1', 'version: ▸2'), says: /version is 2; expected 1/ },
  {
    name: 'a number for a text',
    yaml: runbook('Redis is full', '▸12'),
    says: /title is 12; expected a text/,
  },
  {
    name: 'a list for a text',
    yaml: runbook('Redis is full', '▸[a]'),
    says: /title is a list; expected a text/,
  },
  {
    name: 'a text for a list',
    yaml: runbook('\n  - memory: { probe: redis.info, service: redis, section: memory }', ' ▸all'),
    says: /diagnose is "all"; expected a list/,
  },
  {
    name: 'a label longer than a button takes',
    yaml: runbook('Flush it', `▸${'x'.repeat(76)}`),
    says: /title is "x+…; expected at most 75/,
  },
  {
    name: 'a step that is a text',
    yaml: runbook(DIAGNOSE, '▸memory'),
    says: /0 is "memory"; expected a map/,
  },
  {
    name: 'a step with two names',
    yaml: runbook(DIAGNOSE, '▸a: {}\n    b: {}'),
    says: /the keys a, b; expected one key, the name of the step/,
  },
  {
    name: 'a step named in capitals',
    yaml: runbook('memory: {', '▸Memory: {'),
    says: /the name "Memory"; expected a name of lower-case/,
  },
  {
    name: 'two steps of one name',
    yaml: runbook(DIAGNOSE, `${DIAGNOSE}\n  - ▸${DIAGNOSE}`),
    says: /the name "memory" is there twice/,
  },
  {
    name: 'an unknown probe',
    yaml: runbook(
      '{ probe: redis.info, service: redis, section',
      '{ probe: ▸redis.inof, service: redis, section',
    ),
    says: /no probe "redis.inof"; did you mean "redis.info"\?/,
  },
  {
    name: 'an unknown action',
    yaml: runbook('redis.flushdb', '▸redis.flush'),
    says: /no action "redis.flush"; did you mean "redis.flushdb"\?/,
  },
  {
    name: 'an unknown service',
    yaml: runbook('redis, within', '▸reddis, within'),
    says: /no service of shop named "reddis"; did you mean "redis"\?/,
  },
  {
    name: 'a service without the address that the probe needs',
    yaml: runbook('service: redis, within', 'service: ▸web, within'),
    says: /web has an address with http:\/\/; redis.ping expected redis:\/\//,
  },
  {
    name: 'an action on a service of another kind',
    yaml: runbook('service: redis, db', 'service: ▸web, db'),
    says: /web has an address with http:\/\/; redis.flushdb expected/,
  },
  {
    name: 'a step that lacks its service',
    yaml: runbook('probe: redis.ping, service: redis', 'probe: ▸redis.ping'),
    says: /service is missing; redis.ping expected one of redis, web, or alert/,
  },
  {
    name: 'an action where only probes may be',
    yaml: runbook(
      'probe: redis.ping, service: redis, within: 30s',
      '▸action: redis.flushdb, service: redis, db: 0',
    ),
    says: /an action in verify; expected a probe/,
  },
  {
    name: 'a setting that the kind does not know',
    yaml: runbook('section: memory', '▸secton: memory'),
    says: /unknown key "secton"; expected one of section, probe, .*did you mean "section"\?/,
  },
  {
    name: 'a setting outside its values',
    yaml: runbook('section: memory', 'section: ▸memroy'),
    says: /section is "memroy"; expected one of memory, clients, server; did you mean "memory"\?/,
  },
  {
    name: 'a setting outside its bounds',
    yaml: runbook('db: 0', 'db: ▸16'),
    says: /db is 16; expected a number of at most 15/,
  },
  {
    name: 'a missing setting',
    yaml: runbook(', db: 0 }', ' }').replace('{ action', '▸{ action'),
    says: /db is missing; expected a (whole )?number/,
  },
  {
    name: 'a duration without a unit',
    yaml: runbook('within: 30s', 'within: ▸30'),
    says: /within is 30; expected a duration from 0s to 10m/,
  },
  {
    name: 'a wait without an end',
    yaml: runbook('within: 30s', 'within: ▸2d'),
    says: /within is "2d"; expected a duration from 0s to 10m/,
  },
  {
    name: 'an expectation of a fact that is not learnt',
    yaml: runbook('section: memory', 'section: memory, expect: { ▸used_precent: 5 }'),
    says: /no fact "used_precent" of redis.info; .*did you mean "used_percent"\?/,
  },
  {
    name: 'an expectation of a probe without facts',
    yaml: runbook('within: 30s', 'expect: ▸PONG'),
    says: /redis.ping learns no facts/,
  },
  {
    name: 'a comparison with a word',
    yaml: runbook('">= 85"', '▸">= high"'),
    says: /">= high" can't be compared with a number; expected a number such as 85 or "< 85"/,
  },
  ...(['=> 80', '== 80', '≥ 80', '80..100', '> eighty', '> 80 MB', 'eighty'] as const).map((written) => ({
    name: `a condition that ${written}`,
    yaml: runbook('">= 85"', `▸"${written}"`),
    says: new RegExp(`"${written.replace('..', '\\.\\.')}" can't be compared with a number; expected`, 'u'),
  })),
  {
    name: 'a pattern that no RE2 takes',
    yaml: runbook('section: memory', 'section: memory, expect: { maxmemory_policy: ▸"~ (?=a)b" }'),
    says: /the pattern is not a regular expression of RE2/,
  },
  {
    name: 'a word for a number',
    yaml: runbook('section: memory', 'section: memory, expect: { used_percent: ▸many }'),
    says: /"many" can't be compared with a number; expected a number such as 85/,
  },
  {
    name: 'a placeholder for no fact',
    yaml: runbook('"uses {used_percent} %"', '▸"uses {percent} %"'),
    says: /no fact "percent" of redis.info/,
  },
  {
    name: 'a danger lower than the kind has',
    yaml: runbook('db: 0', 'db: 0, danger: ▸safe'),
    says: /redis.flushdb is destructive, which a runbook can raise but never lower/,
  },
  {
    name: 'an option without steps',
    yaml: runbook('\n        - { action: redis.flushdb, service: redis, db: 0 }', ' ▸[]'),
    says: /steps is a list; expected at least 1 item/,
  },
  {
    name: 'a proposal without a condition',
    yaml: RUNBOOK.replace(/condition: .*\n/u, '').replace(
      'title: Flush it',
      'title: Flush it\n      propose: ▸true',
    ),
    says: /propose is true; expected a condition as well/,
  },
  {
    name: 'a trigger that is no matcher',
    yaml: runbook('alertname="HighMemoryUsage", service="redis"', '▸alertname="HighMemoryUsage", service'),
    says: /not valid at character 37: found the end, expected one of = != =~ !~/,
  },
  {
    name: 'a trigger that matches everything',
    yaml: runbook('alertname="HighMemoryUsage", service="redis"', '▸alertname=~".*"'),
    says: /matches every alert/,
  },
  {
    name: 'a trigger for a service that is not there',
    yaml: runbook('service="redis"\n', 'service="rediss"\n').replace('- alertname', '- ▸alertname'),
    says: /for the service "rediss".*did you mean "redis"\?/,
  },
  {
    name: 'a link that is no address',
    yaml: `${RUNBOOK}links: [{ title: Docs, url: ▸"javascript:alert(1)" }]\n`,
    says: /url is no address of a page/,
  },
  {
    name: 'an escalation to nobody known',
    yaml: `${RUNBOOK}escalate: { after: 15m, to: ▸techlead }\n`,
    says: /to is "techlead"; expected one of on-call, tech-lead, duty-officer; did you mean "tech-lead"\?/,
  },
  {
    name: 'a tag of its own',
    yaml: runbook('title: Redis is full', 'title: ▸!!js/function "x"'),
    says: /Unresolved tag/,
  },
  { name: 'an unclosed bracket', yaml: 'version: 1\ntitle: [a\n▸', says: /not valid YAML: / },
  { name: 'a tab for an indent', yaml: 'version: 1\ndiagnose:\n▸\t- x\n', says: /not valid YAML: / },
  { name: 'a second document', yaml: `${RUNBOOK}▸---\nversion: 1\n`, says: /a second document begins/ },
  {
    name: 'an alias of nothing',
    yaml: runbook('Redis is full', '▸*nothing'),
    says: /there is no anchor "nothing" before this alias/,
  },
  {
    name: 'the key __proto__',
    yaml: runbook('title: Redis', '▸__proto__: { a: 1 }\ntitle: Redis'),
    says: /the key "__proto__" can't be used/,
  },
  {
    name: 'a key that is a number',
    yaml: runbook('title: Redis', '▸5: x\ntitle: Redis'),
    says: /the key 5 is not a text/,
  },
  {
    name: 'a key that is a list',
    yaml: runbook('title: Redis', '? ▸[a, b]\n: x\ntitle: Redis'),
    says: /a key is not a plain text/,
  },
  { name: 'an empty file', yaml: '▸', says: /the file is nothing; expected a map/ },
  {
    name: 'a number without end',
    yaml: runbook('db: 0', 'db: ▸.inf'),
    says: /found Infinity; expected a number/,
  },
  {
    name: 'half a character',
    yaml: runbook('Redis is full', '▸"\\ud800"'),
    says: /expected a number or a text that JSON can hold/,
  },
];
