// Zoom and move the paper: a CSS transform, so the painting itself stays as it is.
import { clamp } from '../shared/dom.js';
import { SIDE } from './draw.js';

const WHOLE = { box: [0, 0, SIDE], most: 8 };

/**
 * @param {HTMLElement} paper  the window; its event "viewchange" tells of every move
 * @param {HTMLElement} layer  what moves behind it
 * @param {() => { box: number[], most: number }} [limits]  left, top and side of what is never left, in units; and the zoom
 */
export function createView(paper, layer, limits = () => WHOLE) {
  let zoom = 1;
  let x = 0; // in widths of the paper and y in its heights, so that the view stays where it is when the paper is resized
  let y = 0;
  const view = {
    grabbing: false, // Space is down: the pointer moves the paper
    get zoom() { return zoom; },
    get shown() { return { x, y, zoom }; },
    fit() { view.look(0, 0, 1); },
    // The layer enlarged by `scale`, its upper left corner at `left` and `top`.
    look(left, top, scale) {
      const { box: [bx, by, side], most } = limits();
      zoom = clamp(scale, SIDE / side, most);
      x = clamp(left, 1 - (bx + side) * zoom / SIDE, -bx * zoom / SIDE);
      y = clamp(top, 1 - (by + side) * zoom / SIDE, -by * zoom / SIDE);
      show();
    },
    zoomAt(clientX, clientY, factor) {
      const box = paper.getBoundingClientRect();
      const [px, py] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
      const next = clamp(zoom * factor, SIDE / limits().box[2], limits().most);
      view.look(px - (px - x) * next / zoom, py - (py - y) * next / zoom, next);
    },
    // About the middle of what is seen.
    zoomBy(factor) {
      const { left, top, width, height } = paper.getBoundingClientRect();
      view.zoomAt(left + width / 2, top + height / 2, factor);
    },
    // Under the wheel: at a point in widths and heights of the paper.
    wheel(px, py, deltaY) {
      const { left, top, width, height } = paper.getBoundingClientRect();
      view.zoomAt(left + px * width, top + py * height, Math.exp(-deltaY / 240));
    },
    moveBy(dx, dy) {
      const { width, height } = paper.getBoundingClientRect();
      view.look(x + dx / width, y + dy / height, zoom);
    },
    // A box in units (left, top, lengths), where it lies on the paper now.
    onPaper: ([left, top, ...lengths]) => [left * zoom + x * SIDE, top * zoom + y * SIDE, ...lengths.map((v) => v * zoom)],
    // Moves what is seen so that a point of the screen lies in it.
    reveal(clientX, clientY) {
      const { left, top, right, bottom } = paper.getBoundingClientRect();
      const [dx, dy] = [clamp(clientX, left, right) - clientX, clamp(clientY, top, bottom) - clientY];
      if (dx || dy) view.moveBy(dx, dy);
    },
    grab(on) { view.grabbing = on; paper.classList.toggle('grabbing', on); },
  };
  function show() {
    layer.style.transform = zoom === 1 ? '' : `translate(${100 * x}%, ${100 * y}%) scale(${zoom})`;
    layer.classList.toggle('sharp', zoom > 3);
    paper.dispatchEvent(new Event('viewchange'));
  }
  paper.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    view.zoomAt(event.clientX, event.clientY, Math.exp(-event.deltaY / 240));
  }, { passive: false });
  return view;
}
