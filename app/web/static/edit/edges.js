// The edges of the photo, dragged outwards to extend it: four sides and four corners, by pointer or by arrow keys.
import { boxStyle, frameInWorld } from '../marks/frame.js';
import { dragFrame } from '../marks/placement.js';
import { make } from '../shared/dom.js';
import { ARROWS } from '../shared/keys.js';
import { hearDrag } from './drag.js';
/** @import { Sides } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */

const EDGES = ['n', 'e', 's', 'w', 'nw', 'ne', 'se', 'sw'];
/** @type {Record<string, [string, number]>} their label, and their place among the sides of a frame */
const EDGE_SIDES = { w: ['Left edge', 0], n: ['Upper edge', 1], e: ['Right edge', 2], s: ['Lower edge', 3] };
const EDGE_STEP = [4, 16]; // units: alone, and with Shift

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./photopaper.js').buildPhotoPaper>} options.paper
 * @param {any} options.view
 * @param {Marks} options.marks
 * @param {(frame: Sides) => void} options.extended  hears of every other frame
 */
export function buildEdges({ paper, view, marks, extended }) {
  const grips = EDGES.map(buildGrip);
  const size = make('output', { className: 'os-pixels' });
  const node = make('div', { className: 'os-edges', role: 'group', 'aria-label': 'Edges of the photo' }, ...grips, size);
  /** @type {Sides | null} */
  let now = null;     // while it is dragged

  function show() {
    if (!marks.photo) return;
    const frame = now ?? marks.frame;
    const [left, top, right, bottom] = frame;
    paper.showFrame(marks.photo, frame);
    node.style.cssText = boxStyle(view.onPaper(frameInWorld(marks.photo, frame)));
    size.textContent = `${marks.photo.width + left + right} × ${marks.photo.height + top + bottom}`;
    for (const grip of grips) {
      const at = EDGE_SIDES[grip.dataset.grip]?.[1];
      if (at !== undefined) grip.setAttribute('aria-valuenow', String(frame[at]));
    }
  }
  function move(from, grip, by) {
    if (!grip) return;
    now = dragFrame(marks.photo, from, grip, by);
    show();
  }
  function settle() {
    if (!now) return;
    const frame = now;
    now = null;
    if (String(frame) !== String(marks.frame)) extended(frame); else show();
  }
  hearDrag({ node, paper: paper.node, view, grips, from: () => marks.frame, move, settle });
  node.addEventListener('keydown', (event) => {
    const by = ARROWS[event.key];
    const grip = /** @type {HTMLElement} */ (event.target).dataset.grip;
    if (!by || !grip) return;
    event.preventDefault();
    event.stopPropagation();
    move(marks.frame, grip, by.map((v) => v * EDGE_STEP[Number(event.shiftKey)]));
    settle();
  });
  return { node, show };
}

// A side can be reached by Tab; a corner is for the pointer alone.
function buildGrip(name) {
  const slider = EDGE_SIDES[name] && { tabIndex: 0, role: 'slider', 'aria-label': `${EDGE_SIDES[name][0]}: pixels added`, 'aria-valuemin': 0 };
  return make('i', { className: name, 'data-grip': name, ...(slider ?? { 'aria-hidden': 'true' }) });
}
