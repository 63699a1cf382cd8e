// The square that the model works in, placed on the whole photo: dragged, resized at its corners, or by keys. Where the
// photo may be extended, it goes over the edge.
import { clamp, make } from '../shared/dom.js';
import { SIDE } from '../surface/draw.js';
import { photoFrame, SMALLEST } from './marks.js';

const SNAP = 3; // units to the photo's edge within which the square keeps to it

export function buildPlace({ paper, marks, extends: mayExtend, placed }) {
  const corners = ['nw', 'ne', 'sw', 'se'].map((name) => make('i', { className: name, 'aria-hidden': 'true' }));
  const node = make('div', { className: 'os-square', tabIndex: 0, role: 'group', 'aria-label': 'The square that the model works in. Drag it, or use the arrow keys; plus and minus change its size.', hidden: true }, ...corners);
  let now = null;     // [x, y, side] in units while it is dragged
  let drag = null;

  const bounds = () => { const f = photoFrame(marks.photo); return mayExtend ? [0, 0, SIDE, SIDE] : [f.x, f.y, f.x + f.width, f.y + f.height]; };
  function fit([x, y, side]) {
    const f = photoFrame(marks.photo);
    const [left, top, right, bottom] = bounds();
    const most = Math.min(right - left, bottom - top);
    const fitting = clamp(side, Math.min(SMALLEST, most), most);
    [x, y] = [x, y].map((at) => at + (side - fitting) / 2);
    side = fitting;
    [x, y] = [clamp(x, left, right - side), clamp(y, top, bottom - side)];
    const snap = (at, low, high) => (Math.abs(at - low) < SNAP ? low : Math.abs(at + side - high) < SNAP ? high - side : at);
    return [snap(x, f.x, f.x + f.width), snap(y, f.y, f.y + f.height), side];
  }
  // Whole pixels of the photo.
  function inPixels([x, y, side]) {
    const f = photoFrame(marks.photo);
    const { width, height } = marks.photo;
    let whole = Math.max(1, Math.round(side / f.k));
    if (!mayExtend) whole = Math.min(whole, width, height);
    const at = [Math.round((x - f.x) / f.k), Math.round((y - f.y) / f.k)];
    return mayExtend ? [...at, whole] : [clamp(at[0], 0, width - whole), clamp(at[1], 0, height - whole), whole];
  }
  function show() {
    if (!marks.photo) return;
    const [x, y, side] = now ?? fit(marks.world());
    node.style.cssText = `left:${x / 2.56}%;top:${y / 2.56}%;width:${side / 2.56}%;height:${side / 2.56}%`;
  }
  function settle() {
    if (!now) return;
    const square = inPixels(now);
    now = null;
    if (String(square) !== String(marks.square)) placed(square);
    show();
  }

  node.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    node.focus({ preventScroll: true });
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, from: fit(marks.world()), corner: corners.includes(event.target) ? event.target.className : null };
    try { node.setPointerCapture(event.pointerId); } catch { /* the pointer is already gone */ }
  });
  node.addEventListener('pointermove', (event) => {
    if (!drag || drag.id !== event.pointerId) return;
    const scale = SIDE / paper.getBoundingClientRect().width;
    const [dx, dy] = [(event.clientX - drag.x) * scale, (event.clientY - drag.y) * scale];
    const [x, y, side] = drag.from;
    if (!drag.corner) { now = fit([x + dx, y + dy, side]); show(); return; }
    const [east, south] = [drag.corner.includes('e'), drag.corner.includes('s')];
    const [left, top, right, bottom] = bounds();
    const room = Math.min(east ? right - x : x + side - left, south ? bottom - y : y + side - top);
    const grown = clamp(side + ((east ? dx : -dx) + (south ? dy : -dy)) / 2, Math.min(SMALLEST, room), room);
    now = [east ? x : x + side - grown, south ? y : y + side - grown, grown];
    show();
  });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) node.addEventListener(type, () => { if (drag) { drag = null; settle(); } });
  node.addEventListener('keydown', (event) => {
    const by = event.shiftKey ? 10 : 2;
    const move = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key];
    const grow = { '+': 1.1, '=': 1.1, '-': 1 / 1.1 }[event.key];
    if (!move && !grow) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y, side] = fit(marks.world());
    now = move ? fit([x + move[0], y + move[1], side]) : fit([x - side * (grow - 1) / 2, y - side * (grow - 1) / 2, side * grow]);
    settle();
  });
  return { node, show };
}
