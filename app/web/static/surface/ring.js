// The ring that shows the brush's true size under the pointer; for fill and pick a small cross-hair ring.
import { make } from '../shared/dom.js';
import { SIDE } from './draw.js';
import { SHAPES } from './shapes.js';
/** @import { Tools } from './tools.js' */

const SIZELESS = ['fill', 'pick', 'select', ...SHAPES]; // tools that point at a place

/**
 * @param {object} options
 * @param {HTMLCanvasElement} options.canvas
 * @param {Tools} options.tools
 * @param {HTMLElement} options.paper  what the ring is laid over
 * @param {{ zoom: number }} options.view
 */
export function buildRing({ paper, canvas, tools, view }) {
  const ring = make('div', { className: 'os-cursor' });
  let at = null;
  const show = () => {
    if (!at) return;
    const box = paper.getBoundingClientRect();
    const brush = Math.max(4, tools.size * view.zoom * box.width / SIDE);
    const side = SIZELESS.includes(tools.tool) ? 10 : brush;
    ring.style.cssText = `left:${at[0] - box.left}px;top:${at[1] - box.top}px;width:${side}px;height:${side}px`;
  };
  canvas.addEventListener('pointermove', (event) => {
    at = [event.clientX, event.clientY];
    ring.classList.toggle('on', event.pointerType !== 'touch');
    show();
  });
  canvas.addEventListener('keycursor', (/** @type {CustomEvent} */ { detail }) => {
    ring.classList.toggle('on', Boolean(detail));
    ring.classList.toggle('down', Boolean(detail?.down));
    at = detail ? [detail.x, detail.y] : at;
    show();
  });
  canvas.addEventListener('pointerleave', () => ring.classList.remove('on'));
  paper.addEventListener('viewchange', show);
  tools.onChange(show);
  return ring;
}
