// The drawing component: paper, palette, rail, and the loop that sends the painting. One constant <div>,
// everything else is built here once.
import { acceptFiles } from '../files/drop.js';
import { chooseFile, FILE_MAX, loadPhoto } from '../files/photo.js';
import { readRecord } from '../files/png.js';
import { newVisitor } from '../request/page.js';
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { hearControls } from '../shared/hearing.js';
import { bindKeys } from '../shared/keys.js';
import { readStore, writeStore } from '../shared/store.js';
import { WORDS } from '../shared/words.js';
import { PAPER, PIXELS, prepare } from '../surface/draw.js';
import { createPainting } from '../surface/strokes.js';
import { createSurface } from '../surface/surface.js';
import { buildPalette, buildRail, buildRing, createTools } from '../surface/tools.js';
import { createView } from '../surface/view.js';
import { createPaintLoop } from './paintloop.js';

export function canvas({ element, props, trigger, server }) {
  const root = element.querySelector('.os-canvas');
  const task = onestroke.task(props.task);
  const saved = readStore(props.task, {});
  // Older pictures and visits may have had more steps than there are now: the same strokes, then, in the most there are.
  const within = (settings) => (settings?.steps > props.most_steps ? { ...settings, steps: props.most_steps } : settings);
  saved.settings = within(saved.settings);

  const canvas = make('canvas', { width: PIXELS, height: PIXELS, tabIndex: 0, role: 'img', 'aria-label': 'Paper. Paint with mouse, pen or finger. Square brackets change the brush, Control Z undoes.' });
  const layer = make('div', { className: 'os-layer' }, canvas);
  const paper = make('div', { className: 'os-paper' }, layer, buildHint());
  const painting = createPainting(canvas);
  const tools = createTools({ task, saved: saved.tools });
  const view = createView(paper, layer);
  const { rail, refresh } = buildRail({ task, tools });
  paper.append(buildRing({ paper, canvas, tools, view }));
  root.append(paper, make('div', { className: 'os-foot' }, buildPalette({ tools })), rail);
  const surface = createSurface({ task, painting, tools, view });
  const visible = () => root.offsetParent !== null;

  function buildHint() {
    const hint = make('div', { className: 'os-hint' });
    hint.append(make('div', { className: 'os-sketch' }), make('p', {}, make('b', { textContent: props.hint[0] }), make('span', { textContent: props.hint[1] })));
    return hint;
  }

  // ---- the loop ----
  const loop = createPaintLoop({
    task,
    painting,
    visitor: newVisitor(),
    live: props.live,
    most: props.most_steps,
    tell: {
      // The request travels as the value: an event's own data may be that of an older event.
      post(value) { props.value = value; if (value.kind === 'live') trigger('live'); else trigger('edit'); },
      // If the server does not hear these two, it only does more than it must.
      newest: (message) => { server.newest(message).catch(() => {}); },
      cancel: (message) => { server.cancel(message).catch(() => {}); },
      queuePosition: (message) => server.queue_position(message).then((answer) => answer?.queue_position ?? 0, () => 0),
    },
  });
  task.loop = loop;
  task.painting = painting;
  task.tools = tools;
  task.emit('loop', loop, { keep: true });

  let saving = 0;
  function keep() {
    clearTimeout(saving);
    saving = setTimeout(keepNow, 250);
  }
  function keepNow() {
    clearTimeout(saving);
    writeStore(props.task, { painting: painting.save(), tools: tools.save(), settings: task.settings, locked: task.locked });
  }
  window.addEventListener('pagehide', keepNow);

  function changed() {
    refresh(painting);
    root.dataset.state = painting.untouched ? 'idle' : 'painted';
    task.emit('painting', painting, { keep: true });
    keep();
    loop.changed();
  }
  function replaceWith(op) { painting.add(op); changed(); }

  // ---- what can be done ----
  Object.assign(task.actions, {
    undo() { if (!surface.drawing && painting.undo()) changed(); },
    redo() { if (!surface.drawing && painting.redo()) changed(); },
    clear() { if (!surface.drawing && !painting.untouched) replaceWith({ tool: 'paper', paper: PAPER }); },
    stop() { surface.drop(); loop.stop(); },
    again: () => loop.again(),
    generate: () => loop.generate(),
    vary: () => loop.vary(),
    reroll() { if (!painting.untouched) task.write({ seed: newSeed() }); },
    lock() { task.locked = !task.locked; task.emit('locked', task.locked, { keep: true }); keep(); },
    // Strokes from an example, the history or a file: one entry for undo, whatever they consist of.
    async load({ name, ops, settings }) {
      const group = { tool: 'group', name, ops: ops[0]?.tool === 'picture' || ops[0]?.tool === 'paper' ? ops : [{ tool: 'paper', paper: PAPER }, ...ops] };
      await prepare(group.ops);
      if (settings) await task.write(within(settings), { quiet: true });
      replaceWith(group);
      view.fit();
    },
    async photo(as) { const file = await chooseFile(); if (file) await takePhoto(file, as); },
  });
  const newSeed = () => { let seed; do seed = Math.floor(Math.random() * 10000); while (seed === task.settings.seed); return seed; };

  // ---- photos and pictures of ours ----
  const notice = (detail) => task.emit('notice', detail);
  async function takePhoto(file, as) {
    try {
      const photo = await loadPhoto(file);
      if (as === 'paper') { await task.do('load', { name: 'photo', ops: [{ tool: 'picture', src: photo }] }); return; }
      const answer = await server.photo_strokes({ image: photo });
      if (!answer?.image) throw answer?.error ? { error: answer.error } : WORDS.photoFailed;
      await task.do('load', { name: 'photo', ops: [{ tool: 'picture', src: answer.image }] });
      notice({ head: 'Your photo became strokes', text: 'Paint over them, or work on the photo itself.', choices: [['Use the photo', () => takePhoto(file, 'paper')]] });
    } catch (problem) {
      notice({ head: problem.error ?? WORDS.notPicture.error, text: problem.error ? problem.hint ?? '' : WORDS.notPicture.hint, alert: true });
    }
  }
  async function takeFile(file) {
    const record = file.type === 'image/png' && file.size <= FILE_MAX ? await readRecord(file).catch(() => null) : null;
    if (!record?.strokes) { await takePhoto(file, 'strokes'); return; }
    const ops = [{ tool: 'picture', src: record.strokes }];
    const known = Object.fromEntries(Object.entries(record.settings).filter(([, value]) => value !== undefined));
    if (known.look !== undefined && !props.looks.includes(known.look)) delete known.look;
    const load = (settings) => task.do('load', { name: 'file', ops, settings }).catch(() => notice({ ...WORDS.notPicture, head: WORDS.notPicture.error, alert: true }));
    const text = known.steps > props.most_steps ? `Use them? ${known.steps} steps become ${props.most_steps}.` : 'Use them?';
    notice({ head: 'This picture carries its settings', text, choices: [['Use settings', () => load(known)], ['Only the picture', () => takePhoto(file, 'paper')]] });
  }
  acceptFiles({ zone: paper, visible, take: takeFile });
  onestroke.register({ task: props.task, from: [props.task], label: 'Onto the canvas', hint: 'paint over it', take: (picture) => task.do('load', { name: 'result', ops: [{ tool: 'picture', src: picture.png }] }) });

  // A picture from another tab becomes the paper.
  task.on('inbox', ({ png, src }) => task.do('load', { name: 'result', ops: [{ tool: 'picture', src: png?.length < 200000 ? png : src }] }));

  // ---- wiring ----
  task.on('painted', () => { if (!task.locked) task.write({ seed: newSeed() }, { quiet: true }); changed(); });
  task.on('draft', () => { if (props.live) loop.changed(); });
  task.on('tools', keep);
  task.on('setting', ({ key, value }) => {
    if (key === 'follow' || key === 'pressure') { tools[key] = value; return; }
    keep();
    loop.changed();
  });
  task.on('write', () => trigger('settings'));
  task.on('recall', () => trigger('recall'));
  hearControls({ task, names: Object.keys(props.settings) });
  bindKeys({ task, tools, view, visible });
  root.onestroke = { state: loop.state, strokes: () => painting.count, save: () => painting.save(), tools, task };
  canvas.onestroke = root.onestroke;

  // ---- first picture, or what a reload left ----
  task.settings = { ...props.settings, ...saved.settings };
  task.locked = saved.locked ?? true;
  task.emit('locked', task.locked, { keep: true });
  refresh(painting);
  root.dataset.state = 'idle';
  setTimeout(async () => {
    if (saved.settings) await task.write(saved.settings, { quiet: true });
    try { if (saved.painting) await painting.load(saved.painting); } catch { /* a picture of an older visit cannot be read: new paper */ }
    changed();
  });
}
