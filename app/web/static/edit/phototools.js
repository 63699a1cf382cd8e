// The tools over a photo: which there are for this edit, and what a stroke of theirs is.
import { iconButton } from '../shared/dom.js';
import { buildRail } from '../surface/rail.js';
import { createTools } from '../surface/tools.js';
/** @import { Task } from '../shared/task.js' */
/** @import { Tools } from '../surface/tools.js' */

/**
 * What Python lets an edit have.
 * @typedef {object} Can
 * @property {boolean} masks  strokes say what may change
 * @property {boolean} colours  strokes of colour are followed
 * @property {boolean} mayExtend  the square may reach over the photo's edge
 */

/** @param {Can} can */
const firstTool = ({ masks }) => (masks ? 'mask' : 'paint');

/**
 * @param {Can} can
 * @returns {string[][]} as `buildRail` takes them
 */
export function photoTools({ masks, colours }) {
  const brush = masks
    ? ['mask', 'Mask brush', 'Mask brush  (B)', 'brush']
    : ['paint', 'Colour brush', 'Colour brush  (B)', 'brush'];
  const eraser = masks
    ? ['eraser', 'Erase mask', 'Erase mask: keep the photo there  (E)']
    : ['eraser', 'Erase colour', 'Erase colour  (E)'];
  /** @type {[boolean, string[]][]} */
  const all = [
    [masks || colours, brush],
    [masks || colours, eraser],
    [masks, ['box', 'Mask a box', 'Mask a box  (R)']],
    [masks && colours, ['paint', 'Paint in colour', 'Paint in colour: the model follows it  (P)', 'paint']],
    [colours && !masks, ['pick', 'Pick a colour', 'Pick a colour  (I, or hold Alt)']],
  ];
  return all.filter(([there]) => there).map(([, tool]) => tool);
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Can} options.can
 * @param {object} [options.saved]  tools of an earlier visit
 * @param {() => number} options.homeZoom  of the view: a brush of one size covers the same share of every square
 */
export function createPhotoTools({ task, can, saved, homeZoom }) {
  const first = firstTool(can);
  const tools = createTools({ task, saved: { tool: first, size: 30, color: '#b98d5e', ...saved } });
  tools.before = first;
  tools.picks = can.colours;
  tools.brush = 'paint';
  tools.stroke = (erasing) => {
    const tool = erasing || tools.tool === 'eraser' ? 'eraser' : tools.tool;
    return { tool, size: tools.size / homeZoom(), ...(tool === 'paint' ? { color: tools.color } : {}) };
  };
  return tools;
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {Can} options.can
 */
export function buildPhotoRail({ task, tools, can }) {
  const swap = () => iconButton('invert', 'Swap mask', {
    tip: 'Swap kept and changed  (V)', 'data-do': 'invert', onclick: () => task.do('invert'),
  });
  const clearing = can.masks
    ? ['Clear mask', 'Clear mask; undo brings it back  (Del)']
    : ['Clear colours', 'Clear colours; undo brings them back  (Del)'];
  return buildRail({ task, tools, list: photoTools(can), extra: can.masks ? [swap()] : [], label: 'Photo tools', clearing });
}

/**
 * The keys of these tools; those that there are not do nothing.
 * @param {object} options
 * @param {Tools} options.tools
 * @param {Can} options.can
 * @returns {Record<string, () => void>}
 */
export function photoToolKeys({ tools, can }) {
  const known = photoTools(can).map(([name]) => name);
  const tool = (name) => () => { if (known.includes(name)) tools.set({ tool: name }); };
  return {
    b: tool(firstTool(can)), e: tool('eraser'), r: tool('box'), p: tool('paint'), i: tool('pick'), f() {},
    x() { if (can.colours) tools.swap(); },
  };
}
