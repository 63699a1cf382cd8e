// A box over the photo that is dragged, as a whole or by one of its grips.
import { SIDE } from '../surface/draw.js';

/**
 * @param {object} options
 * @param {HTMLElement} options.node
 * @param {HTMLElement} options.paper
 * @param {any} options.view
 * @param {HTMLElement[]} options.grips  named by `data-grip`
 * @param {() => any} options.from  what is to be remembered of the beginning
 * @param {(from: any, grip: string | null, by: number[]) => void} options.move  by how many units since the beginning
 * @param {() => void} options.settle
 */
export function hearDrag({ node, paper, view, grips, from, move, settle }) {
  let drag = null;
  node.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    const grip = grips.find((each) => each === event.target);
    (grip?.tabIndex === 0 ? grip : node).focus({ preventScroll: true });
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, from: from(), grip: grip?.dataset.grip ?? null };
    try { node.setPointerCapture(event.pointerId); } catch { /* the pointer is already gone */ }
  });
  node.addEventListener('pointermove', (event) => {
    if (!drag || drag.id !== event.pointerId) return;
    const scale = SIDE / paper.getBoundingClientRect().width / view.worldZoom;
    move(drag.from, drag.grip, [(event.clientX - drag.x) * scale, (event.clientY - drag.y) * scale]);
  });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    node.addEventListener(type, () => { if (drag) { drag = null; settle(); } });
  }
}
