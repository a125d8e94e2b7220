// Preloaded into the bot: every clock of JavaScript that can be set is SHIFT_CLOCK_MS ahead (or behind).
const shift = Number(process.env.SHIFT_CLOCK_MS ?? 0);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }
  static now() {
    return RealDate.now() + shift;
  }
};
