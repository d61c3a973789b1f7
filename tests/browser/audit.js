// What a person with a screen reader, weak eyes or a large thumb would miss. Gives lists of faults.
(() => {
  const audit = {};
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const say = (element) =>
    `${element.tagName.toLowerCase()}.${element.className?.baseVal ?? element.className}: ${element.textContent.trim().slice(0, 40)}`;

  /** Controls without a name, and visible words that their name does not have. */
  audit.names = () => {
    const faults = [];
    for (const control of all(
      'button, input, select, textarea, a, dialog, aside, nav, [role=meter]',
    )) {
      const labels = [...(control.labels ?? [])].map((label) => label.textContent).join(' ');
      const by = control.getAttribute('aria-labelledby');
      const text = ['BUTTON', 'A'].includes(control.tagName) ? control.textContent : '';
      const name =
        control.getAttribute('aria-label') ||
        (by && document.getElementById(by)?.textContent) ||
        labels ||
        text;
      if (!name.trim()) faults.push(`no name: ${say(control)}`);
      if (control.tagName !== 'BUTTON') continue;
      const visible = [...control.querySelectorAll('.label')]
        .map((label) => label.textContent)
        .join(' ');
      if (!name.toLowerCase().includes(visible.trim().toLowerCase()))
        faults.push(`${name} hides "${visible}"`);
    }
    return faults;
  };

  audit.ids = () => {
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    return ids.filter((id, index) => ids.indexOf(id) !== index);
  };

  /** Targets smaller than 44 by 44 px; a check box counts with its label. */
  audit.targets = () =>
    all('button, input, select, textarea')
      .map((control) => control.closest('label') ?? control)
      .filter((control) => {
        const { width, height } = control.getBoundingClientRect();
        return width < 43.5 || height < 43.5;
      })
      .map(say);

  /** Texts whose contrast is below that of WCAG 2.2 AA, over whatever could lie behind them. */
  audit.contrast = () => {
    const faults = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !isShown(element) || isOff(element)) continue;
      const style = getComputedStyle(element);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const worst = Math.min(...[0, 255].map((behind) => ratio(element, behind)));
      if (worst < (isLarge ? 3 : 4.5)) faults.push(`${worst.toFixed(2)} ${say(element)}`);
    }
    return faults;
  };

  const isOff = (element) => element.closest(':disabled, [inert], option, noscript');

  /** *behind* is the grey of a picture under what is not opaque. */
  function ratio(element, behind) {
    let back = [behind, behind, behind];
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      layers.unshift(colour);
      if (colour[3] === 1) break;
    }
    for (const layer of layers) back = over(layer, back);
    const front = over(rgba(getComputedStyle(element).color), back);
    const [light, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  function rgba(colour) {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }
  const over = ([r, g, b, a], back) => [r, g, b].map((part, i) => part * a + back[i] * (1 - a));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  audit.all = () => [...audit.names(), ...audit.ids(), ...audit.targets(), ...audit.contrast()];
  window.audit = audit;
})();
