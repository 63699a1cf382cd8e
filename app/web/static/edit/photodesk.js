// What is seen of a photo that is edited: the paper with what is marked, tools beside it, the row below.
import { createOverlay } from '../marks/overlay.js';
import { PIXELS } from '../surface/draw.js';
import { buildRing } from '../surface/ring.js';
import { createSurface } from '../surface/surface.js';
import { firstStep, RETURNING } from './editwords.js';
import { createModes } from './modes.js';
import { buildPhotoFoot } from './photofoot.js';
import { buildPhotoPaper } from './photopaper.js';
import { buildPhotoRail, createPhotoTools } from './phototools.js';
import { createPhotoView } from './photoview.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

const MASK_COLOURS = { green: '#0b6b5d', red: '#b3261e', blue: '#1f5fbf' }; // white hatching is seen on each
const EDGE = 2.2; // pixels of the screen: the white edge around a mask

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {HTMLElement} options.root  is filled
 * @param {any} options.props  see PhotoCanvas in Python
 * @param {EditKind} options.kind
 * @param {Marks} options.marks
 * @param {object} [options.savedTools]  of an earlier visit
 * @param {(op: Operation) => void} options.did
 * @param {(file: File) => void} options.open  an example
 */
export function buildPhotoDesk({ root, task, props, kind, marks, savedTools, did, open }) {
  const { can } = props;
  const paper = buildPhotoPaper({ task, props, kind });
  const { node, canvas } = paper;
  const wide = () => (modes.on === 'extend' ? 'room' : modes.on === 'place' && !marks.wholeSeen ? 'world' : 'home');
  const view = createPhotoView({ paper: node, layer: paper.layer, marks, wide });
  const tools = createPhotoTools({ task, can, saved: savedTools, homeZoom: () => view.homeZoom });
  const { rail, refresh } = buildPhotoRail({ task, tools, can });
  const overlay = createOverlay({
    canvas, marks, masks: can.masks, colour: () => maskColour(task), edge: () => EDGE * PIXELS / (Math.max(1, node.clientWidth) * view.worldZoom),
  });
  const surface = createSurface({ task, painting: paintingOf(canvas, marks, overlay), tools, view });
  if (can.masks || can.colours) node.append(buildRing({ paper: node, canvas, tools, view }));
  task.on('settings', () => { node.style.setProperty('--mask', maskColour(task)); overlay.draw(); });
  const coach = () => (root.dataset.state === 'returning' ? RETURNING : can.masks ? firstStep(task) : '');
  const modes = createModes({
    paper, view, marks, mayExtend: can.mayExtend, coach,
    placed: (square) => did({ tool: 'square', square }), extended: (frame) => did({ tool: 'frame', frame }),
  });
  task.on('settings', modes.say); // fill or erase
  node.append(...modes.nodes);
  const hasPhoto = () => Boolean(marks.photo);
  const foot = buildPhotoFoot({ task, tools, can, examples: props.examples, modes, hasPhoto, open });
  node.addEventListener('viewchange', () => overlay.draw());
  new ResizeObserver(() => overlay.draw()).observe(node); // its edge is as wide on every screen
  root.classList.toggle('bare', !can.masks && !can.colours);
  root.append(node, foot.node, rail);

  // The marks as they are now.
  function show() {
    refresh(marks);
    root.dataset.state = marks.photo ? 'open' : 'idle';
    modes.say();
    paper.show(marks);
    root.classList.toggle('marked', marks.marked.any || !can.masks);
    view.follow();
    modes.show();
    overlay.draw();
    foot.show();
  }
  return { canvas, paper, tools, view, surface, modes, refresh, show };
}

const maskColour = ({ settings }) => MASK_COLOURS[settings.maskColour] ?? MASK_COLOURS.green;

// Marks as the surface takes a painting: what is drawn on their layers is seen through the overlay.
function paintingOf(canvas, marks, overlay) {
  const { keep, draw, rewind } = marks.layers;
  return {
    sheet: { canvas },
    layers: { keep, draw(op, from) { draw(op, from); overlay.draw(); }, rewind() { rewind(); overlay.draw(); } },
    colorAt: marks.colorAt,
    add: marks.add,
  };
}
