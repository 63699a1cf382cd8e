// Pointers become strokes. Mouse, pen and one finger paint; two fingers, Space or the middle button move the view, and a
// second finger drops the stroke that the first had begun.
import { drawStroke, sheetCanvas, SIDE } from './draw.js';

const PALM_MS = 3000;        // after a pen, touch is the palm of the hand
const LONG_PRESS_MS = 550;   // a finger that stays picks the colour under it
const FOLLOW_MS = 180;       // while drawing, a picture at most this often

export function createSurface({ task, painting, tools, view }) {
  const { canvas } = painting.sheet;
  const base = sheetCanvas();
  // What a stroke under the pen is drawn on; a painting of several layers brings its own.
  const layers = painting.layers ?? {
    keep() { base.getContext('2d').drawImage(canvas, 0, 0); },
    draw(op, from) { drawStroke(painting.sheet, op, from); },
    rewind() { painting.sheet.ctx.drawImage(base, 0, 0); },
  };
  const fingers = new Map(); // pointerId -> [clientX, clientY]
  let open = null;           // the stroke under the pen
  let pan = null;
  let penSeen = -Infinity;
  let followed = -Infinity;  // when the last picture of an open stroke was asked for
  let since = 0;
  let press = 0;

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
  };
  const round = (value) => Math.round(value * 10) / 10;
  const sample = (event) => {
    const [x, y] = place(event).map(round);
    // A mouse says 0.5 while pressed and some fingers 0: only a pen's pressure means anything.
    return event.pointerType === 'pen' && tools.pressure ? [x, y, round(0.25 + 0.75 * event.pressure)] : [x, y];
  };

  function begin(event) {
    const erasing = tools.tool === 'eraser' || (event.buttons & 32) > 0;
    layers.keep();
    since = performance.now();
    open = { id: event.pointerId, op: { ...(tools.stroke?.(erasing) ?? { tool: erasing ? 'eraser' : 'brush', ...(erasing ? {} : { color: tools.color }), size: tools.size }), points: [sample(event)] } };
    layers.draw(open.op);
    task.emit('drawing', true, { keep: true });
  }
  function extend(event) {
    const from = open.op.points.length;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const e of events.length ? events : [event]) {
      const point = sample(e);
      const last = open.op.points.at(-1);
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= 0.5) open.op.points.push(point);
    }
    if (open.op.points.length === from) return;
    layers.draw(open.op, from);
    if (tools.follow && performance.now() - followed > FOLLOW_MS) {
      followed = performance.now();
      task.emit('draft');
    }
  }
  function finish() {
    if (!open) return;
    const { op } = open;
    open = null;
    // Drawn afresh in one piece, exactly as undo and reload will draw it.
    layers.rewind();
    task.emit('drawing', false, { keep: true });
    painting.add(op);
    task.emit('painted', op);
  }
  function drop() {
    if (!open) return;
    open = null;
    layers.rewind();
    task.emit('drawing', false, { keep: true });
    if (followed > since) task.emit('draft'); // a picture of the stroke may be on the page
  }

  function pick(event) {
    tools.setOwn(painting.colorAt(place(event)));
  }
  function useTool(event) {
    if (tools.tool === 'pick' || event.altKey) { pick(event); if (tools.tool === 'pick') tools.back(); return; }
    if (tools.tool === 'fill') {
      const op = { tool: 'fill', color: tools.color, point: place(event).map(round) };
      painting.add(op);
      task.emit('painted', op);
      return;
    }
    begin(event);
  }

  function twoFingers() {
    const [[ax, ay], [bx, by]] = [...fingers.values()];
    return { x: (ax + bx) / 2, y: (ay + by) / 2, distance: Math.hypot(ax - bx, ay - by) };
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'pen') penSeen = performance.now();
    if (event.pointerType === 'touch') {
      if (performance.now() - penSeen < PALM_MS) return;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      clearTimeout(press);
      if (fingers.size === 2) { drop(); pan = twoFingers(); return; }
      if (fingers.size > 2) return;
    } else if (view.grabbing || event.button === 1) {
      pan = { x: event.clientX, y: event.clientY, id: event.pointerId };
      event.preventDefault();
    }
    if (open || (event.button !== 0 && !(event.buttons & 32)) || !event.isPrimary) { capture(event); return; }
    capture(event);
    canvas.focus({ preventScroll: true });
    if (pan) return;
    useTool(event);
    if (event.pointerType === 'touch' && open && tools.picks !== false) press = setTimeout(() => { if (open?.op.points.length === 1) { drop(); pick(event); navigator.vibrate?.(10); } }, LONG_PRESS_MS);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'pen') penSeen = performance.now();
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pan && fingers.size === 2) {
      const now = twoFingers();
      view.zoomAt(pan.x, pan.y, now.distance / pan.distance);
      view.moveBy(now.x - pan.x, now.y - pan.y);
      pan = now;
    } else if (pan && pan.id === event.pointerId) {
      view.moveBy(event.clientX - pan.x, event.clientY - pan.y);
      pan = { x: event.clientX, y: event.clientY, id: event.pointerId };
    } else if (open && event.pointerId === open.id) {
      extend(event);
      if (open.op.points.length > 2) clearTimeout(press);
    }
  });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    canvas.addEventListener(type, (event) => {
      fingers.delete(event.pointerId);
      clearTimeout(press);
      if (pan && (pan.id === event.pointerId || (pan.id === undefined && fingers.size === 0))) pan = null;
      if (open && event.pointerId === open.id) finish();
    });
  }
  function capture(event) {
    try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is already gone */ }
  }
  canvas.addEventListener('contextmenu', (event) => event.preventDefault());

  return { get drawing() { return Boolean(open); }, place, drop };
}
