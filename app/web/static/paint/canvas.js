// The drawing component: the paper, and the loop that sends the painting. One constant <div>, everything else is built here
// once.
import { acceptFiles } from '../files/drop.js';
import { askLostAgain, noteLost } from '../request/goingon.js';
import { newVisitor } from '../request/page.js';
import { tellServer } from '../request/tellserver.js';
import { onestroke } from '../shared/bus.js';
import { hearControls } from '../shared/hearing.js';
import { bindKeys } from '../shared/keys.js';
import { newSeed } from '../shared/seeds.js';
import { bringing, redoStep, undoStep } from '../surface/undoing.js';
import { createKeeper, readStore } from '../shared/store.js';
import { PAPER } from '../surface/draw.js';
import { isNamed } from '../surface/palette.js';
import { zoomActions } from '../surface/zoom.js';
import { createPaintFiles } from './paintfiles.js';
import { createPaintLoop } from './paintloop.js';
import { buildPaper } from './paper.js';
/** @import { Part } from '../page/parts.js' */

const SHORT = 200000; // characters of a picture that undo and the tab's storage can hold many of

/** @param {Part} part */
export function canvas({ element, props, trigger, server }) {
  const root = element.querySelector('.os-canvas');
  const task = onestroke.task(props.task);
  const saved = readStore(props.task, {});
  // Older pictures and visits may have had more steps than there are now: the same strokes, then, in the most there are.
  const within = (settings) => (settings?.steps > props.most_steps ? { ...settings, steps: props.most_steps } : settings);
  saved.settings = within(saved.settings);
  const paper = buildPaper({ root, task, hint: props.hint, savedTools: saved.tools });
  const { painting, tools, view } = paper;
  // The request travels as the value: an event's own data may be that of an older event.
  const post = (value) => { props.value = value; trigger(value.kind === 'live' ? 'live' : 'edit'); };
  const loop = createPaintLoop({
    task, painting, visitor: newVisitor(), live: props.live, most: props.most_steps, tell: { post, ...tellServer(server) },
  });
  const { keep, keepNow } = createKeeper(props.task, () => (
    { painting: painting.save(), tools: tools.save(), settings: task.settings, locked: task.locked, lost: lost.value() }));
  const lost = noteLost({ task, keep: () => keepNow() });
  function changed() {
    paper.refresh(painting);
    root.dataset.state = painting.untouched ? 'idle' : 'painted';
    task.emit('painting', painting, { keep: true });
    keep();
    loop.changed();
  }
  const photoStrokes = (question) => server.photo_strokes(question);
  const files = createPaintFiles({ task, most: props.most_steps, photoStrokes });
  Object.assign(task, { loop, painting, tools });
  Object.assign(task.actions, paintActions({ task, paper, loop, changed, keep, within }), { photo: files.choose });
  task.emit('loop', loop, { keep: true });

  const visible = () => root.offsetParent !== null;
  const takeResult = (src) => task.do('load', { name: 'result', ops: [{ tool: 'picture', src }] });
  acceptFiles({ zone: paper.node, visible, take: files.takeFile });
  onestroke.register({
    task: props.task, from: [props.task], label: 'Onto the canvas', hint: 'paint over it', take: ({ png }) => takeResult(png),
  });
  task.on('inbox', ({ png, src }) => takeResult(png?.length < SHORT ? png : src));
  hearPaintTask({ task, tools, most: props.most_steps, live: props.live, names: Object.keys(props.settings), loop, changed, keep, trigger });
  bindKeys({ task, tools, view, visible, more: paintKeys(task, paper) });
  window.addEventListener('pagehide', keepNow);
  root.onestroke = { state: loop.state, strokes: () => painting.count, save: () => painting.save(), tools, task };
  paper.canvas.onestroke = root.onestroke;
  beginPainting({ root, task, props, saved, paper, changed });
}

// The keys that only the paper has, or that mean the selected stroke there.
function paintKeys(task, { node, tools, view, surface, selection }) {
  const chooses = (tool) => () => tools.set({ tool });
  const zoom = zoomActions(view, node);
  return {
    '+': zoom.nearer, '=': zoom.nearer, '-': zoom.farther, 1: zoom.full,
    r: chooses('rect'), o: chooses('ellipse'), p: chooses('polygon'), s: chooses('select'), enter: surface.close,
    backspace() { if (!surface.back()) selection.remove(); },
    delete() { if (!selection.remove()) task.do('clear'); },
    escape() { if (!selection.drop()) task.do('stop'); },
  };
}

// What can be done, by the names that buttons and keys know.
function paintActions({ task, paper, loop, changed, keep, within }) {
  const { painting, surface, view } = paper;
  const replaceWith = (op) => { painting.add(op); changed(); };
  return {
    undo() { if (!surface.back() && !surface.drawing) return undoStep({ task, operations: painting, changed }); },
    redo() { if (!surface.drawing) return redoStep({ task, operations: painting, changed }); },
    clear() { if (!surface.drawing && !painting.untouched) replaceWith({ tool: 'paper', paper: PAPER }); },
    stop() { surface.drop(); loop.stop(); },
    again: () => loop.again(),
    generate: () => loop.generate(),
    vary: () => loop.vary(),
    zoomAt: view.wheel,
    moveBy: view.moveBy,
    reroll() { if (!painting.untouched) task.write({ seed: newSeed(task.settings.seed) }); },
    lock() {
      task.locked = !task.locked;
      task.emit('locked', task.locked, { keep: true });
      keep();
    },
    // Strokes from an example, the history or a file: one entry for undo, whatever they consist of.
    async load({ name, ops, settings }) {
      const onPaper = ops[0]?.tool === 'picture' || ops[0]?.tool === 'paper';
      const group = { tool: 'group', name, ops: onPaper ? ops : [{ tool: 'paper', paper: PAPER }, ...ops] };
      await painting.prepare(group.ops);
      replaceWith(await bringing(task, group, within(settings)));
      view.fit();
    },
  };
}

function hearPaintTask({ task, tools, most, live, names, loop, changed, keep, trigger }) {
  task.on('painted', ({ color }) => {
    if (color && !isNamed(color)) tools.used(color);
    if (!task.locked) task.write({ seed: newSeed(task.settings.seed) }, { quiet: true });
    changed();
  });
  task.on('draft', () => { if (live && !onestroke.model.seconds) loop.changed(); });
  task.on('tools', keep);
  task.on('setting', ({ key, value }) => {
    if (key === 'follow' || key === 'pressure') { tools[key] = value; return; }
    keep();
    loop.changed();
  });
  hearModel({ task, loop, most });
  task.on('write', () => trigger('settings'));
  task.on('recall', () => trigger('recall'));
  hearControls({ task, names });
}

// Another model paints the same strokes again; the number of steps follows where it was the former model's own.
function hearModel({ task, loop, most }) {
  /** @type {any} */
  let before = null;
  onestroke.onModel(async (model) => {
    const was = before;
    before = model;
    if (!was || (was.number === model.number && was.seconds === model.seconds)) return;
    const own = task.settings.steps === Math.min(was.steps, most);
    if (was.number !== model.number && own) await task.write({ steps: Math.min(model.steps, most) }, { quiet: true });
    loop.changed();
  });
}

// First picture, or what a reload left.
function beginPainting({ root, task, props, saved, paper, changed }) {
  task.settings = { ...props.settings, ...saved.settings };
  task.locked = saved.locked ?? true;
  task.emit('locked', task.locked, { keep: true });
  paper.refresh(paper.painting);
  root.dataset.state = 'idle';
  setTimeout(async () => {
    if (saved.settings) await task.write(saved.settings, { quiet: true });
    try { if (saved.painting) await paper.painting.load(saved.painting); } catch { /* an unreadable picture: new paper */ }
    changed();
    if (!props.live) askLostAgain(task, saved.lost); // otherwise it asks by itself
  });
}
