// Zoom and move the paper: a CSS transform, so the painting itself stays as it is.
import { clamp } from '../shared/dom.js';

const ZOOM_MAX = 8;

/**
 * @param {HTMLElement} paper  the window; its event "viewchange" tells of every move
 * @param {HTMLElement} layer  what moves behind it
 */
export function createView(paper, layer) {
  let zoom = 1;
  let x = 0;
  let y = 0;
  const view = {
    grabbing: false, // Space is down: the pointer moves the paper
    get zoom() { return zoom; },
    fit() { zoom = 1; x = y = 0; show(); },
    zoomAt(clientX, clientY, factor) {
      const box = paper.getBoundingClientRect();
      const [px, py] = [clientX - box.left, clientY - box.top];
      const next = clamp(zoom * factor, 1, ZOOM_MAX);
      x = px - (px - x) * next / zoom;
      y = py - (py - y) * next / zoom;
      zoom = next;
      show();
    },
    moveBy(dx, dy) { x += dx; y += dy; show(); },
    grab(on) { view.grabbing = on; paper.classList.toggle('grabbing', on); },
  };
  function show() {
    const { width, height } = paper.getBoundingClientRect();
    x = clamp(x, width * (1 - zoom), 0);
    y = clamp(y, height * (1 - zoom), 0);
    layer.style.transform = zoom === 1 ? '' : `translate(${x}px, ${y}px) scale(${zoom})`;
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
