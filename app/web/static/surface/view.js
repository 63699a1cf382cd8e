// Zoom and move the paper: a CSS transform, so the painting itself stays as it is.
import { clamp } from '../shared/dom.js';

const ZOOM_MAX = 8;

/**
 * @param {HTMLElement} paper  the window; its event "viewchange" tells of every move
 * @param {HTMLElement} layer  what moves behind it
 */
export function createView(paper, layer) {
  let zoom = 1;
  let x = 0; // in widths of the paper and y in its heights, so that the view stays where it is when the paper is resized
  let y = 0;
  const view = {
    grabbing: false, // Space is down: the pointer moves the paper
    get zoom() { return zoom; },
    fit() { view.look(0, 0, 1); },
    // The layer enlarged by `scale`, its upper left corner at `left` and `top`.
    look(left, top, scale) {
      zoom = clamp(scale, 1, ZOOM_MAX);
      x = clamp(left, 1 - zoom, 0);
      y = clamp(top, 1 - zoom, 0);
      show();
    },
    zoomAt(clientX, clientY, factor) {
      const box = paper.getBoundingClientRect();
      const [px, py] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
      const next = clamp(zoom * factor, 1, ZOOM_MAX);
      view.look(px - (px - x) * next / zoom, py - (py - y) * next / zoom, next);
    },
    moveBy(dx, dy) {
      const { width, height } = paper.getBoundingClientRect();
      view.look(x + dx / width, y + dy / height, zoom);
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
