/**
 * Makes an element. Text is always text: nothing here parses markup.
 * @param {string} tag
 * @param {Record<string, string | boolean | EventListener | undefined>} [props] attributes; `on…`: listeners
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2).toLowerCase(), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * The element with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * Puts these children into a parent. Those that are there already are not touched: they keep the keyboard's
 * focus and what is selected in them, and a screen reader reads out only what is new.
 * @param {Element} parent
 * @param {readonly ChildNode[]} children
 */
export function place(parent, children) {
  const wanted = new Set(children);
  for (const old of [...parent.childNodes]) if (!wanted.has(old)) old.remove();
  for (const [i, child] of children.entries()) {
    const there = parent.childNodes[i] ?? null;
    if (there !== child) parent.insertBefore(child, there);
  }
}

/** What tells one control of an element from its others. */
function sameControl(/** @type {Element} */ one, /** @type {Element} */ other) {
  const said = ['data-action', 'value', 'aria-label'].every(
    (name) => one.getAttribute(name) === other.getAttribute(name),
  );
  return said && one.textContent === other.textContent;
}

/**
 * Puts an element made anew where the old one was, with the keyboard's focus on the same control.
 * @param {HTMLElement} old
 * @param {HTMLElement} element
 */
function takeOver(old, element) {
  const held = document.activeElement;
  const hadFocus = held !== null && old.contains(held);
  old.replaceWith(element);
  if (!hadFocus) return;
  const same =
    held === old
      ? element
      : [...element.querySelectorAll(held.tagName)].find((control) => sameControl(control, held));
  if (same instanceof HTMLElement) same.focus({ preventScroll: true });
}

/**
 * Disables a button while its work is under way; the keyboard's focus comes back to it, unless it has gone on.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<unknown>} work
 */
export async function whileDisabled(button, work) {
  const hadFocus = document.activeElement === button;
  button.disabled = true;
  await work();
  button.disabled = false;
  if (hadFocus && document.activeElement === document.body) button.focus({ preventScroll: true });
}

/**
 * Remembers what was made of each thing, and makes it anew only when the thing has changed.
 * @template T
 * @param {(thing: T) => HTMLElement} make
 * @returns {(key: string, thing: T) => HTMLElement}
 */
export function keeper(make) {
  /** @type {Map<string, { said: string, element: HTMLElement }>} */
  const made = new Map();
  return (key, thing) => {
    const said = JSON.stringify(thing);
    const known = made.get(key);
    if (known?.said === said) return known.element;
    const element = make(thing);
    if (known !== undefined) takeOver(known.element, element);
    made.set(key, { said, element });
    return element;
  };
}

/** @param {string} ts Slack's: seconds and microseconds */
export function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}
