// What is seen of the painting: the paper, palette and rail, and the hand on them.
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { worded } from '../shared/subject.js';
import { PIXELS } from '../surface/draw.js';
import { createKeyboard } from '../surface/keyboard.js';
import { buildPalette } from '../surface/palette.js';
import { buildPaperRail } from '../surface/rail.js';
import { buildRing } from '../surface/ring.js';
import { createSelection } from '../surface/selection.js';
import { createPainting } from '../surface/strokes.js';
import { createSurface } from '../surface/surface.js';
import { createTools } from '../surface/tools.js';
import { createView } from '../surface/view.js';
import { buildZoom } from '../surface/zoom.js';
/** @import { Task } from '../shared/task.js' */

const PAPER_LABEL = 'Paper. Paint with mouse, pen or finger, or by keys: arrows move the brush, with Shift faster, and Space puts it '
  + 'down and lifts it. Square brackets change the brush, Control Z undoes.';

/**
 * @param {object} options
 * @param {HTMLElement} options.root  is filled
 * @param {Task} options.task
 * @param {string[]} options.hint  head and text on the empty paper
 * @param {object} [options.savedTools]  of an earlier visit
 */
export function buildPaper({ root, task, hint, savedTools }) {
  const canvas = make('canvas', { width: PIXELS, height: PIXELS, tabIndex: 0, role: 'application', 'aria-label': PAPER_LABEL });
  const layer = make('div', { className: 'os-layer' }, canvas);
  const node = make('div', { className: 'os-paper' }, layer, buildHint(hint));
  const painting = createPainting(canvas);
  const tools = createTools({ task, saved: savedTools });
  const view = createView(node, layer);
  const { rail, refresh } = buildPaperRail({ task, tools });
  node.append(buildZoom({ view, paper: node }));
  node.addEventListener('viewchange', () => task.emit('view', view.shown, { keep: true }));
  node.append(buildRing({ paper: node, canvas, tools, view }));
  root.append(node, make('div', { className: 'os-foot' }, buildPalette({ tools })), rail);
  const selection = createSelection({ task, tools, painting, paper: node, view });
  const surface = createSurface({ task, painting, tools, view, selection, paper: node });
  const told = make('div', { className: 'os-unseen', role: 'status' });
  createKeyboard({ canvas, tools, surface, view, say(text) { told.textContent = text; } });
  root.append(told);
  return { node, canvas, painting, tools, view, selection, surface, refresh };
}

/** @param {string[]} hint  head and text */
function buildHint([head, text]) {
  const sketch = make('div', { className: 'os-sketch' });
  onestroke.onModel(({ words }) => { sketch.hidden = !words.sketch; });
  return make('div', { className: 'os-hint' }, sketch,
    make('p', {}, worded(make('b'), head), make('span', { textContent: text })));
}
