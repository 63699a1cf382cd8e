// A polygon while its corners are clicked: each press adds one; the first one again, a double click or Enter closes it.
/** @import { Task } from '../shared/task.js' */
/** @import { Paintable, PenLayers } from './pen.js' */
/** @import { Tools } from './tools.js' */

const CLOSE = 6; // units around a corner that count as the same

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {Paintable} options.painting
 * @param {PenLayers} options.layers  of the painting
 */
export function createPolygon({ task, tools, painting, layers }) {
  /** @type {number[][]} */
  let corners = [];
  /** @type {number[] | null} */
  let pointer = null; // where the next corner may be
  const opWith = (points) => ({ tool: 'polygon', color: tools.color, ...tools.thin(), points });
  const isNear = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < CLOSE;

  function show() {
    layers.rewind();
    layers.draw(opWith(pointer ? [...corners, pointer] : corners));
  }
  function end() {
    const points = corners;
    corners = [];
    layers.rewind();
    task.emit('drawing', false, { keep: true });
    return points;
  }
  const polygon = {
    get on() { return corners.length > 0; },
    press(point) {
      if (!corners.length) {
        layers.keep();
        task.emit('drawing', true, { keep: true });
      } else if (isNear(point, corners.at(-1)) || (corners.length > 2 && isNear(point, corners[0]))) {
        if (corners.length > 2) polygon.close();
        return;
      }
      corners.push(point);
      pointer = null;
      show();
    },
    hover(point) {
      if (!corners.length) return;
      pointer = point;
      show();
    },
    // Takes the last corner back.
    back() {
      if (corners.length < 2) { polygon.drop(); return; }
      corners.pop();
      pointer = null;
      show();
    },
    // What has three corners becomes an operation, anything less is dropped.
    close() {
      if (!corners.length) return;
      const op = opWith(end());
      if (op.points.length < 3) return;
      painting.add(op);
      task.emit('painted', op);
    },
    drop() { if (corners.length) end(); },
  };
  tools.onChange(() => {
    if (tools.tool !== 'polygon') polygon.close();
    else if (polygon.on) show(); // in another colour
  });
  return polygon;
}
