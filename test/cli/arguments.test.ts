/** What a terminal's command takes, and how it refuses the rest. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS, type CommandName, readArguments, USAGE, usageOf } from '../../src/cli/commands.ts';

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const names = Object.keys(COMMANDS) as CommandName[];

describe('the arguments of a command', () => {
  it.each(names)('%s refuses an option that it doesn’t have, with its usage', (name) => {
    expect(readArguments(name, ['--no-such-option'])).toBeNull();
    expect(said).toBe(`pageturner: Unknown option '--no-such-option'.\n${usageOf(name)}\n`);
  });

  it.each(names.filter((name) => name !== 'run'))('%s refuses a word too many, and names it', (name) => {
    expect(readArguments(name, ['one', 'two', 'three'])).toBeNull();
    expect(said).toMatch(new RegExp(`^pageturner: ${name} does not take "(?:one|two|three)"\\.\n`));
    expect(said).toContain(usageOf(name));
  });

  it('options stand anywhere, and a value may hold an equals sign', () => {
    expect(readArguments('health', ['--json', 'moalog', 'redis'])).toMatchObject({
      values: { json: true },
      positionals: ['moalog', 'redis'],
    });
    expect(readArguments('run', ['moalog/x', 'query=a=b', '--dry', 'n=-1'])).toMatchObject({
      values: { dry: true },
      positionals: ['moalog/x', 'query=a=b', 'n=-1'],
    });
    expect(said).toBe('');
  });

  it('an option without its value is refused', () => {
    expect(readArguments('audit', ['verify', '--head'])).toBeNull();
    expect(said).toContain(usageOf('audit'));
  });

  it('help names every command, in lines of its own that align', () => {
    const lines = USAGE.split('\n').slice(1);
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(names);
    const columns = names.map((name, i) => lines[i]?.lastIndexOf(COMMANDS[name].says));
    expect(new Set(columns).size).toBe(1);
  });
});
