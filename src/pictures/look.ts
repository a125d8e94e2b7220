/** How every picture looks: sizes in pixels before the zoom, and colours that stay apart for the colour-blind. */
export const WIDTH = 880;
export const FONT = 'DejaVu Sans';
export const INK = '#1d1c1d';
export const FAINT = '#616061';
export const GRID = '#e8e8e8';
export const ALARM = '#c4314b';
/** Okabe and Ito, "Color Universal Design", in an order that begins with the strongest on white. */
export const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#7a5c00',
  '#8a63d2',
  '#5f6b6d',
] as const;

/** 14:05, whatever the machine's own zone is. */
export const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);
export const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

export const titleOf = (text: string, below: string) => ({
  text,
  subtext: below,
  left: 20,
  top: 14,
  itemGap: 10,
  textStyle: { fontFamily: FONT, fontSize: 18, fontWeight: 'bold' as const, color: INK },
  subtextStyle: { fontFamily: FONT, fontSize: 12, color: FAINT },
});

export const words = { fontFamily: FONT, fontSize: 12, color: FAINT };
