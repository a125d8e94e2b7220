/** What to do when the bot can't post where somebody typed a command. */

const linkOf = (channel: string): string => (/^[CG][A-Z0-9]+$/u.test(channel) ? `<#${channel}>` : channel);

/** `error`: Slack's refusal of the post. */
export function whereToAsk(error: string, channel: string, opsChannel: string): string {
  const elsewhere = `Type it in ${linkOf(opsChannel)} instead.`;
  if (channel.startsWith('D')) return `I can’t answer in a direct message. ${elsewhere}`;
  switch (error) {
    case 'is_archived':
      return `This channel is archived, so I can’t answer here. ${elsewhere}`;
    case 'channel_not_found':
    case 'not_in_channel':
      return 'I’m not in this channel, so I can’t answer here. Type `/invite @Pageturner`, then try again.';
    default:
      return `I’m not allowed to post in this channel (${error}). ${elsewhere}`;
  }
}
