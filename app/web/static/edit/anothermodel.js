// Another model in use asks again for what stands on the page: at once where it is seen, else when it is seen the next time.
import { onestroke } from '../shared/bus.js';

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {() => boolean} options.visible
 * @param {() => void} options.again
 */
export function hearAnotherModel({ root, visible, again }) {
  /** @type {number | null} */
  let known = null;
  let waits = false;
  function ask() {
    if (!waits || !visible()) return;
    waits = false;
    again();
  }
  onestroke.onModel(({ number }) => {
    waits ||= known !== null && number !== known;
    known = number;
    ask();
  });
  new IntersectionObserver(ask).observe(root);
}
