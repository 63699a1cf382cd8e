// The tools and what they are set to. Owns no painting.
import { clamp } from '../shared/dom.js';
import { SHAPES } from './shapes.js';
/** @import { Task } from '../shared/task.js' */

export const SIZE_MIN = 2;   // units
export const SIZE_MAX = 72;
const RECENT = 8;            // colours that are kept
const WITH_COLOUR = ['brush', 'paint', 'fill', 'select', ...SHAPES];

/** @typedef {ReturnType<typeof createTools>} Tools */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {object} [options.saved]  what `save` gave on an earlier visit, or what to begin with
 */
export function createTools({ task, saved = {} }) {
  const listeners = [];
  const tools = {
    tool: 'brush', color: '#d0b23a', recent: [], other: '#6b4a7d', own: null, size: 30, soft: 0, opacity: 1,
    follow: false, pressure: true, ...saved,
    before: 'brush',
    // Where a tab has its own: whether a finger that stays picks a colour, the operation that a stroke begins with, and the tool
    // that paints in colour.
    picks: true,
    stroke: null,
    brush: 'brush',
    set(change) {
      if (change.tool && change.tool !== tools.tool) tools.before = tools.tool;
      if (change.color && change.color !== tools.color) tools.other = tools.color;
      if (change.size !== undefined) change.size = clamp(Math.round(change.size), SIZE_MIN, SIZE_MAX);
      Object.assign(tools, change);
      for (const listener of listeners) listener();
      task.emit('tools', tools);
    },
    swap() { tools.set({ color: tools.other }); },
    // A colour of the person's own was painted with.
    used(color) { tools.set({ recent: [color, ...tools.recent.filter((each) => each !== color)].slice(0, RECENT) }); },
    // A colour is taken from a picture, to be painted with: the eraser and the eyedropper itself have none.
    pick(color) {
      const tool = tools.tool === 'pick' ? tools.before : tools.tool;
      tools.set({ own: color, color, tool: ['pick', 'eraser'].includes(tool) ? tools.brush : tool });
    },
    // The tool that a colour of the palette is chosen for: the one in hand, where it has a colour.
    coloured: () => (WITH_COLOUR.includes(tools.tool) ? tools.tool : tools.brush),
    grow(factor) {
      const size = tools.size * factor;
      tools.set({ size: factor > 1 ? Math.max(tools.size + 1, size) : Math.min(tools.size - 1, size) });
    },
    // What an operation says of opacity, and of a soft edge besides: nothing where it is as it always was.
    thin: () => (tools.opacity < 1 ? { opacity: tools.opacity } : {}),
    washed: () => ({ ...(tools.soft > 0 ? { soft: tools.soft } : {}), ...tools.thin() }),
    onChange(listener) { listeners.push(listener); listener(); },
    save() {
      const { tool, color, other, own, recent, size, soft, opacity } = tools;
      return { tool, color, other, own, recent, size, soft, opacity };
    },
  };
  return tools;
}
