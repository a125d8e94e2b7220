/** Runbooks whose every step is right, and that are wrong as a whole. */
import { type Broken, runbook } from './broken-runbooks.ts';
import { RUNBOOK } from './written.ts';

const UNVERIFIED = RUNBOOK.replace(/condition: .*\n/u, '').replace(/verify:\n.*\n/u, '');
const OPERATION = `version: 1
title: Look at one database
params:
  db: { type: integer, says: which one, min: 0, max: 15 }
steps:
  - flush: { action: redis.flushdb, service: redis, db: "{db}" }
  - ping: { probe: redis.ping, service: redis }
`;

export const brokenRecovery: readonly Broken[] = [
  {
    name: 'two buttons of one title',
    yaml: runbook('verify:', '  - again:\n      title: ▸flush it\n      steps: [{ task: Look. }]\nverify:'),
    says: /the title "flush it" is that of the option flush too; expected one that tells the two buttons apart/,
  },
  {
    name: 'destruction that nothing verifies',
    yaml: UNVERIFIED.replace('{ action: ', '{ action: ▸'),
    says: /redis\.flushdb is destructive, and nothing reads what came of it; expected a probe after it, verify: or condition:/,
  },
  {
    name: 'destruction that is verified before it, not after',
    yaml: UNVERIFIED.replace(
      '- { action: ',
      '- ping: { probe: redis.ping, service: redis }\n        - gone: { action: ▸',
    ),
    says: /redis\.flushdb is destructive, and nothing reads/,
  },
  {
    name: 'an operation whose destruction nothing verifies',
    yaml: OPERATION.replace(/ {2}- ping.*\n/u, '').replace('action: ', 'action: ▸'),
    says: /redis\.flushdb is destructive, and nothing reads/,
  },
  {
    name: 'a parameter that no step uses',
    yaml: OPERATION.replace('steps:', '  ▸day: { type: date, says: the day }\nsteps:'),
    says: /no step uses the parameter "day"; expected \{day\} in one of them/,
  },
  {
    name: 'a place for a parameter that is not there',
    yaml: OPERATION.replace('flush: {', 'flush: ▸{').replace('"{db}"', '"{bd}"'),
    says: /there is no parameter "bd"; expected one of db; did you mean "db"\?/,
  },
  {
    name: 'a step that takes back one which only reads',
    yaml: OPERATION.replace(
      /$/u,
      '  - again: { action: redis.flushdb, service: redis, db: "{db}", resumes: ▸ping }\n  - last: { probe: redis.ping, service: redis }\n',
    ),
    says: /no action or task before it is named "ping"; expected one of flush/,
  },
  {
    name: 'a wait that is over before one attempt is',
    yaml: runbook('within: 30s', 'within: ▸10s, timeout: 20s'),
    says: /within is 10 s, and one attempt may take 20 s \(its timeout\); expected within of 20 s or more/,
  },
  {
    name: 'a wait shorter than the timeout that holds where none is written',
    yaml: runbook('within: 30s', 'within: ▸2s'),
    says: /within is 2 s, and one attempt may take 5 s \(its timeout, as none is written\)/,
  },
  {
    name: 'a trigger that contradicts itself',
    yaml: runbook('- alertname="HighMemoryUsage", ', '- ▸alertname="HighMemoryUsage", alertname="Other", '),
    says: /matches no alert: alertname="HighMemoryUsage" and alertname="Other" can't both be/,
  },
  {
    name: 'a trigger whose pattern excludes its own value',
    yaml: runbook('- alertname="HighMemoryUsage", ', '- ▸alertname="HighMemoryUsage", service!~"red.*", '),
    says: /service="redis" and service!~"red\.\*" can't both be/,
  },
  {
    name: 'a trigger for another system',
    yaml: runbook('- alertname="HighMemoryUsage", ', '- ▸alertname="HighMemoryUsage", system="bank", '),
    says: /system="bank" is never this folder's system; expected system="shop", or no matcher of it/,
  },
  {
    name: 'a trigger that is there twice',
    yaml: runbook(
      'condition:',
      '  - ▸service = "redis", alertname="HighMemoryUsage", alertname="HighMemoryUsage"\ncondition:',
    ),
    says: /this trigger is there twice; expected each once/,
  },
];
