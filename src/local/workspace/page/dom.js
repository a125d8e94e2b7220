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
 * Puts these children into a parent, touching it only when they are others than before.
 * @param {Element} parent
 * @param {readonly Node[]} children
 */
export function place(parent, children) {
  const now = parent.childNodes;
  if (now.length === children.length && children.every((child, i) => child === now[i])) return;
  parent.replaceChildren(...children);
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
