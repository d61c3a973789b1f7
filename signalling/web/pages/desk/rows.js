/** Lists of things that change: what stays the same is left alone, and so keeps the focus. */

const LONGEST_PRESS_MS = 1000; // its end may be missed, outside the window say
const CLICK_MS = 50; // from a release to the click that it makes

/**
 * A list of items, each shown by *draw* (item) as an element. While something in it is pressed it
 * stays as it is: a button that goes before it is let go was not clicked.
 */
export class Rows {
  #drawn = new Map(); // by key: {print, node}
  #pressed = 0; // a timer
  #waiting = null; // what to show when nothing is pressed any more

  /** *element* gets the rows; *keyOf* (item) names one; *empty* is shown while there are none. */
  constructor(element, { keyOf, draw, empty = null }) {
    Object.assign(this, { element, keyOf, draw, empty });
    if (empty) element.before(empty);
    const release = () => this.#pressed && this.#hold(CLICK_MS);
    for (const begin of ['pointerdown', 'keydown']) {
      element.addEventListener(begin, () => this.#hold(LONGEST_PRESS_MS));
    }
    for (const end of ['pointerup', 'pointercancel', 'keyup']) window.addEventListener(end, release);
  }

  /** Show *items*, in their order. *more* is what rows depend on besides. */
  show(items, more = '') {
    if (this.#pressed) {
      this.#waiting = [items, more];
      return;
    }
    const drawn = new Map();
    const focus = this.#focus();
    for (const item of items) {
      const key = this.keyOf(item);
      const print = JSON.stringify([item, more]);
      const old = this.#drawn.get(key);
      drawn.set(key, old?.print === print ? old : { print, node: this.draw(item) });
    }
    this.#drawn = drawn;
    const nodes = [...drawn.values()].map(({ node }) => node);
    const before = [...this.element.children];
    if (nodes.length !== before.length || nodes.some((node, at) => node !== before[at])) {
      this.element.replaceChildren(...nodes);
      this.#refocus(focus);
    }
    if (this.empty) this.empty.hidden = items.length > 0;
  }

  /** Let everything stay as it is for so long from now. */
  #hold(ms) {
    clearTimeout(this.#pressed);
    this.#pressed = setTimeout(() => {
      this.#pressed = 0;
      const waiting = this.#waiting;
      this.#waiting = null;
      if (waiting) this.show(...waiting);
    }, ms);
  }

  /** Which row has the focus, and which of its controls. */
  #focus() {
    const at = document.activeElement;
    if (!this.element.contains(at)) return null;
    const [key, row] = [...this.#drawn].find(([, { node }]) => node.contains(at)) ?? [];
    const isRow = row?.node === at;
    return { key, act: at.dataset.act, isRow, at: [...this.#drawn.keys()].indexOf(key) };
  }

  /** Go to the same control, else to its row, else to the row that took its place. */
  #refocus(focus) {
    if (!focus) return;
    const nodes = [...this.#drawn.values()].map(({ node }) => node);
    const row = this.#drawn.get(focus.key)?.node;
    const same = focus.isRow ? row : focus.act && row?.querySelector(`[data-act="${focus.act}"]`);
    const near = row ?? nodes[Math.min(focus.at, nodes.length - 1)];
    const target = same || near?.querySelector('[tabindex], button, a') || this.element;
    if (target === this.element) target.tabIndex = -1;
    target.focus();
  }
}
