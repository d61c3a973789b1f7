/** Lists of things that change: what stays the same is left alone, and so keeps the focus. */

/** A list of items, each shown by *draw* (item) as an element. */
export class Rows {
  #drawn = new Map(); // by key: {print, node}

  /** *element* gets the rows; *keyOf* (item) names one; *empty* is shown while there are none. */
  constructor(element, { keyOf, draw, empty = null }) {
    Object.assign(this, { element, keyOf, draw, empty });
    if (empty) element.before(empty);
  }

  /** Show *items*, in their order. *more* is what rows depend on besides. */
  show(items, more = '') {
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
