// The result follows the paper's view, and moves it: by Ctrl and the wheel, and by dragging what is larger than its frame.
/** @import { Task } from '../shared/task.js' */

/** @param {{ task: Task, frame: HTMLElement }} options */
export function followView({ task, frame }) {
  let zoom = 1;
  let from = null; // where the pointer that drags was
  task.on('view', ({ x, y, zoom: scale }) => {
    zoom = scale;
    for (const [name, value] of Object.entries({ '--x': `${100 * x}%`, '--y': `${100 * y}%`, '--zoom': scale })) frame.style.setProperty(name, value);
    frame.classList.toggle('zoomed', zoom > 1);
  });
  frame.addEventListener('wheel', (event) => {
    if ((!event.ctrlKey && !event.metaKey) || !task.actions.zoomAt) return;
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    task.do('zoomAt', (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, event.deltaY);
  }, { passive: false });
  frame.addEventListener('pointerdown', (event) => {
    if (zoom === 1 || event.defaultPrevented || event.button !== 0 || !(event.target instanceof HTMLImageElement)) return;
    from = [event.clientX, event.clientY];
    try { frame.setPointerCapture(event.pointerId); } catch { /* the pointer is already gone */ }
  });
  frame.addEventListener('pointermove', (event) => {
    if (!from) return;
    task.do('moveBy', event.clientX - from[0], event.clientY - from[1]);
    from = [event.clientX, event.clientY];
  });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) frame.addEventListener(type, () => { from = null; });
}
