// The component of every edit that begins with a photo: the photo with what is marked on it, tools, the square's placement,
// opening and sending.
import { acceptFiles } from '../files/drop.js';
import { FILE_MAX } from '../files/photo.js';
import { createPhotos, decoded, forgetOldPhotos, keysOf } from '../files/photos.js';
import { readRecord } from '../files/png.js';
import { pictureBlob } from '../files/zip.js';
import { newVisitor } from '../request/page.js';
import { onestroke } from '../shared/bus.js';
import { iconButton, make, setPressed } from '../shared/dom.js';
import { hearControls } from '../shared/hearing.js';
import { icon } from '../shared/icons.js';
import { bindKeys } from '../shared/keys.js';
import { readStore, writeStore } from '../shared/store.js';
import { WORDS } from '../shared/words.js';
import { PIXELS, sheetCanvas, SIDE } from '../surface/draw.js';
import { createSurface } from '../surface/surface.js';
import { buildPalette, buildRail, buildRing, createTools } from '../surface/tools.js';
import { createView } from '../surface/view.js';
import { createBatch } from './batch.js';
import { createEditLoop } from './editloop.js';
import { describeEdit } from './editwords.js';
import { BEFORE_SIDE, centredSquare, createMarks, createOverlay, photoFrame, squareAround } from './marks.js';
import { bindPeek } from './peek.js';
import { buildPlace } from './place.js';

export function photocanvas({ element, props, trigger, server, upload }) {
  const root = element.querySelector('.os-canvas');
  const task = onestroke.task(props.task);
  const saved = readStore(props.task, {});
  const { masks, colours, mayExtend } = props.can;
  task.describe = describeEdit(task);
  root.classList.add('os-edit', props.task);

  // ---- the picture and its layers ----
  const canvas = make('canvas', { width: PIXELS, height: PIXELS, tabIndex: 0, role: 'img', 'aria-label': props.label });
  const picture = make('img', { className: 'os-view', alt: 'Your photo', draggable: false, hidden: true });
  const input = make('canvas', { className: 'os-input', width: BEFORE_SIDE, height: BEFORE_SIDE, 'aria-hidden': 'true', hidden: true });
  const layer = make('div', { className: 'os-layer' }, picture, canvas, input);
  const coach = make('div', { className: 'os-coach' });
  const drop = make('div', { className: 'os-drop' }, make('b', { textContent: props.hint[0] }), make('span', { textContent: props.hint[1] }),
    make('button', { type: 'button', className: 'os-sm secondary', 'data-do': 'open', onclick: () => task.do('open') }, icon('open'), 'Open photo'));
  const paper = make('div', { className: 'os-paper' }, layer, coach, drop);

  const marks = createMarks({ masks, optional: !masks, mayExtend, changeBefore: { colorize: greyBefore, 'super-resolve': smallBefore }[props.task] });
  function greyBefore(ctx, drawSquare, photo) {
    ctx.clearRect(0, 0, BEFORE_SIDE, BEFORE_SIDE);
    ctx.filter = 'grayscale(1)';
    drawSquare(ctx, photo.image, BEFORE_SIDE);
    ctx.filter = 'none';
  }
  // The pixels that the model is given: means over blocks, shown as they are.
  function smallBefore(ctx) {
    const side = Math.max(1, Math.round(props.resolution / (task.settings.factor ?? 4)));
    const small = boxMeans(ctx.getImageData(0, 0, BEFORE_SIDE, BEFORE_SIDE), side);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(small, 0, 0, BEFORE_SIDE, BEFORE_SIDE);
    ctx.imageSmoothingEnabled = true;
  }
  function boxMeans({ data, width }, side) {
    const canvas = sheetCanvas(side);
    const out = new ImageData(side, side);
    const block = width / side;
    for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
      const sum = [0, 0, 0];
      let n = 0;
      for (let v = Math.floor(y * block); v < (y + 1) * block; v++) for (let u = Math.floor(x * block); u < (x + 1) * block; u++) {
        const at = 4 * (v * width + u);
        for (let c = 0; c < 3; c++) sum[c] += data[at + c];
        n += 1;
      }
      out.data.set([...sum.map((value) => Math.round(value / n)), 255], 4 * (y * side + x));
    }
    canvas.getContext('2d').putImageData(out, 0, 0);
    return canvas;
  }

  // ---- tools ----
  const first = masks ? 'mask' : 'paint';
  const tools = createTools({ task, saved: { tool: first, size: 30, color: '#b98d5e', ...saved.tools } });
  tools.before = first;
  tools.picks = colours;
  tools.stroke = (erasing) => {
    const tool = erasing || tools.tool === 'eraser' ? 'eraser' : tools.tool;
    return { tool, size: tools.size / home().zoom, ...(tool === 'paint' ? { color: tools.color } : {}) };
  };
  const TOOL_LIST = [
    masks && ['mask', 'Mask brush', 'Mask brush  (B)', 'brush'],
    colours && !masks && ['paint', 'Colour brush', 'Colour brush  (B)', 'brush'],
    (masks || colours) && ['eraser', masks ? 'Erase mask' : 'Erase colour', masks ? 'Erase mask: keep the photo there  (E)' : 'Erase colour  (E)'],
    masks && ['box', 'Mask a box', 'Mask a box  (R)'],
    masks && colours && ['paint', 'Paint in colour', 'Paint in colour: the model follows it  (P)', 'paint'],
    colours && !masks && ['pick', 'Pick a colour', 'Pick a colour  (I, or hold Alt)'],
  ].filter(Boolean);
  const swap = masks ? [iconButton('invert', 'Swap mask', { tip: 'Swap kept and changed  (V)', 'data-do': 'invert', onclick: () => task.do('invert') })] : [];
  const { rail, refresh } = buildRail({ task, tools, list: TOOL_LIST, extra: swap, label: 'Photo tools', clearing: masks ? ['Clear mask', 'Clear mask; undo brings it back  (Del)'] : ['Clear colours', 'Clear colours; undo brings them back  (Del)'] });
  root.classList.toggle('bare', !masks && !colours);

  // ---- the view: home is the square, or the whole photo where that is worked on ----
  const WHOLE = ['colorize', 'denoise', 'deblur']; // unless the square is placed
  const homeSquare = WHOLE.includes(props.task) ? squareAround : centredSquare;
  const whole = createView(paper, layer);
  const home = () => {
    if (!marks.photo) return { zoom: 1 };
    const [x, y, side] = marks.world();
    return { x, y, zoom: SIDE / side };
  };
  function goHome() {
    whole.fit();
    if (!marks.photo || placing) return;
    const { x, y, zoom } = home();
    const box = paper.getBoundingClientRect();
    whole.zoomAt(box.left, box.top, zoom);
    whole.moveBy(-x * zoom * box.width / SIDE, -y * zoom * box.width / SIDE);
  }
  const view = {
    get zoom() { return whole.zoom / home().zoom; },
    get grabbing() { return whole.grabbing; },
    fit: goHome, zoomAt: whole.zoomAt, moveBy: whole.moveBy, grab: whole.grab,
  };
  new ResizeObserver(() => goHome()).observe(paper);

  const overlay = createOverlay({ canvas, marks, masks, edge: () => 2.2 * PIXELS / (Math.max(1, paper.clientWidth) * whole.zoom) });
  paper.addEventListener('viewchange', () => overlay.draw());
  const layers = { ...marks.layers, draw(op, from) { marks.layers.draw(op, from); overlay.draw(); }, rewind() { marks.layers.rewind(); overlay.draw(); } };
  const surface = createSurface({ task, painting: { sheet: { canvas }, layers, colorAt: (at) => marks.colorAt(at), add: (op) => marks.add(op) }, tools, view });
  if (masks || colours) paper.append(buildRing({ paper, canvas, tools, view }));

  // ---- placing the square ----
  let placing = false;
  const place = buildPlace({ paper, marks, extends: mayExtend, placed: (square) => did({ tool: 'square', square }) });
  paper.append(place.node);
  function setPlacing(on) {
    placing = Boolean(on && marks.photo);
    paper.classList.toggle('placing', placing);
    place.node.hidden = !placing;
    for (const button of placeButtons) setPressed(button, placing);
    goHome();
    place.show();
    coach.textContent = placing ? (mayExtend ? 'Drag the square. Over the edge, the photo is extended.' : 'Drag the square to where the model should work.') : props.coach ?? '';
    if (placing) place.node.focus({ preventScroll: true });
  }
  const placeButtons = [];
  function placeButton(attributes, ...content) {
    const button = make('button', { type: 'button', 'data-do': 'place', 'aria-pressed': 'false', disabled: true, onclick: () => setPlacing(!placing), ...attributes }, ...content);
    placeButtons.push(button);
    return button;
  }

  // ---- the row under the photo: the photo's own buttons, or the palette while painting ----
  const openButton = make('button', { type: 'button', className: 'os-sm secondary', 'data-do': 'open', title: 'JPEG, PNG, WebP or TIFF; any size', onclick: () => task.do('open') }, icon('open'), 'Open photo');
  const pasteButton = iconButton('paste', 'Paste', { tip: 'Paste a picture  (Ctrl+V)', 'data-do': 'paste', onclick: () => task.do('paste') });
  const thumbs = props.examples.map(({ name, title, src }) => make('button', { type: 'button', className: 'os-thumb', 'data-example': name, 'aria-label': `Example: ${title}`, title, onclick: async () => open(await fileFrom(src, `${name}.jpg`)) }, make('img', { src, alt: '', draggable: false })));
  const photoRow = make('div', { className: 'os-photo' }, openButton, pasteButton, placeButton({ className: 'os-sm secondary', title: 'Move or resize the square that the model works in  (M)' }, icon('place'), 'Square'), thumbs.length ? make('span', { className: 'or', textContent: 'or try' }) : null, ...thumbs);
  const foot = make('div', { className: 'os-foot' }, photoRow);
  if (colours) {
    const paletteTools = Object.create(tools, { set: { value: (change) => tools.set(change.tool === 'brush' ? { ...change, tool: 'paint' } : change) } });
    const palette = buildPalette({ tools: paletteTools });
    const row = make('div', { className: 'os-colours' }, iconButton('open', 'Open photo', { className: 'os-open', onclick: () => task.do('open') }), placeButton({ className: 'ib', 'aria-label': 'Square', 'data-tip': 'Move or resize the square  (M)' }, icon('place')), palette);
    foot.append(row);
    tools.onChange(() => showFoot());
  }
  function showFoot() { foot.classList.toggle('painting', colours && Boolean(marks.photo) && (!masks || tools.tool === 'paint')); }
  root.append(paper, foot, rail);
  const visible = () => root.offsetParent !== null;

  // ---- the loop ----
  const visitor = newVisitor();
  const library = createPhotos({ server, upload, visitor });
  const doc = {
    get untouched() { return marks.untouched; },
    problem() { return masks && marks.isFull(nearby()) && !marks.inkUrl() ? { ...WORDS.nothingKept, button: ['Undo mask', 'undo'] } : null; },
    forget() { if (marks.photo) marks.photo.id = null; },
    async value() {
      const photo = await library.id(marks.photo);
      const free = WHOLE.includes(props.task) ? !placed() : nearby() && !placedByHand();
      return { photo, name: marks.photo.name, square: free ? null : marks.square, mask: marks.maskUrl(), image: colours ? marks.inkUrl() : null, extend: marks.extend() };
    },
  };
  const ESTIMATED = { denoise: ['sigma', 'noise', 2], deblur: ['blur', 'blur', 1] }[props.task] ?? []; // a setting, its word, digits
  function asSent(value) { return value.settings.estimate ? { ...value, settings: { ...value.settings, [ESTIMATED[0]]: null } } : value; }
  const nearby = () => masks && task.settings.near !== false;
  const placed = () => String(marks.square) !== String(squareAround(marks.photo));
  const placedByHand = () => marks.current().some((op) => op.tool === 'square');
  const loop = createEditLoop({
    task, doc, visitor,
    auto: () => task.settings.auto !== false,
    refused: (problem) => { task.emit('state', { name: marks.photo ? 'ready' : 'idle' }, { keep: true }); notice({ head: problem.error, text: problem.hint, alert: true, choices: problem.button ? [[problem.button[0], () => task.do(problem.button[1])]] : [] }); },
    post(value) { props.value = asSent(value); trigger('edit'); },
    newest: (message) => { server.newest({ ...message, task: props.task }).catch(() => {}); },
    cancel: (message) => { server.cancel({ ...message, task: props.task }).catch(() => {}); },
  });
  task.loop = loop;
  task.painting = marks;
  task.inSquare = inSquare;
  task.tools = tools;
  task.emit('loop', loop, { keep: true });
  task.on('answer', (answer) => {
    if (!answer?.seq) return;
    if (loop.current(answer)) hear(answer);
    else loop.answered(answer);
  });

  // What an answer says beside its picture.
  async function hear({ input: given, final, ...facts }) {
    if (props.task === 'super-resolve' && final) task.found = `${final.width / task.settings.factor} to ${final.width} pixels`;
    const [setting, word, digits] = ESTIMATED;
    if (facts[setting] !== undefined) {
      const found = Number(facts[setting]).toFixed(digits);
      task.found = `${word} ${found}`;
      if (task.settings.estimate) task.write({ [setting]: Number(found) }, { quiet: true });
    }
    if (!given) return;
    const exact = await decoded(given).catch(() => null); // what the model was given, pixel for pixel
    if (!exact) return;
    const c = marks.sheet.ctx;
    c.imageSmoothingEnabled = false;
    c.drawImage(exact, 0, 0, BEFORE_SIDE, BEFORE_SIDE);
    c.imageSmoothingEnabled = true;
    if (!input.hidden) input.getContext('2d').drawImage(marks.sheet.canvas, 0, 0);
    task.emit('painting', marks, { keep: true });
  }

  // The picture of an answer may show another square than the one on the paper (close around the mask): laid into the latter,
  // so that both pictures on the page show the same part of the photo.
  async function inSquare(answer, image) {
    if (!answer.square || !marks.photo) return null;
    const [left, top] = marks.extend() ?? [0, 0]; // the answer counts from the corner of the extended photo
    const [x, y, side] = [answer.square[0] - left, answer.square[1] - top, answer.square[2]];
    if (String([x, y, side]) === String(marks.square)) return null;
    const width = Math.min(1024, Math.max(512, Math.round(image.naturalWidth * marks.square[2] / side)));
    const whole = sheetCanvas(width);
    const c = whole.getContext('2d');
    const scale = width / marks.square[2];
    c.imageSmoothingQuality = 'high';
    c.drawImage(marks.sheet.canvas, 0, 0, width, width);
    marks.drawSquare(c, marks.photo.image, width);
    c.drawImage(image, (x - marks.square[0]) * scale, (y - marks.square[1]) * scale, side * scale, side * scale);
    return whole.toDataURL('image/jpeg', 0.92);
  }

  // ---- changes ----
  let saving = 0;
  function keep() { clearTimeout(saving); saving = setTimeout(keepNow, 250); }
  function keepNow() {
    clearTimeout(saving);
    writeStore(props.task, { marks: marks.save(), tools: tools.save(), settings: task.settings, locked: task.locked });
  }
  window.addEventListener('pagehide', keepNow);

  let shownPhoto = null;
  function changed(how = {}) {
    refresh(marks);
    const { photo } = marks;
    root.dataset.state = photo ? 'open' : 'idle';
    for (const button of placeButtons) button.disabled = !photo;
    picture.hidden = !photo;
    if (photo) {
      const f = photoFrame(photo);
      if (shownPhoto !== photo) picture.src = photo.view;
      picture.style.cssText = `left:${f.x / 2.56}%;top:${f.y / 2.56}%;width:${f.width / 2.56}%;height:${f.height / 2.56}%`;
      picture.classList.toggle('sharp', props.task === 'super-resolve' || (ESTIMATED.length && Math.max(photo.width, photo.height) <= 256));
      input.hidden = props.task !== 'super-resolve';
      if (!input.hidden) {
        const [x, y, side] = marks.world();
        input.style.cssText = `left:${x / 2.56}%;top:${y / 2.56}%;width:${side / 2.56}%;height:${side / 2.56}%`;
        input.getContext('2d').drawImage(marks.sheet.canvas, 0, 0);
      }
    }
    shownPhoto = photo;
    root.classList.toggle('marked', marks.marked.any || !masks);
    if (!placing) goHome();
    if (placing && !photo) setPlacing(false);
    place.show();
    overlay.draw();
    showFoot();
    task.emit('painting', marks, { keep: true });
    keep();
    if (how.quiet) return;
    const had = root.dataset.result === 'yes';
    loop.changed(how);
    if (marks.untouched && photo && had) {
      task.emit('choose', { src: marks.sheet.canvas.toDataURL('image/png'), seed: task.settings.seed, original: true });
      task.emit('state', { name: 'original' }, { keep: true });
    }
  }
  function did(op) { marks.add(op); changed(); }
  task.on('settled', () => { root.dataset.result = 'yes'; });

  const notice = (detail) => task.emit('notice', detail);
  const newSeed = () => { let seed; do seed = Math.floor(Math.random() * 10000); while (seed === task.settings.seed); return seed; };
  const fileFrom = async (address, name) => { const blob = await (await fetch(address)).blob(); return new File([blob], name, { type: blob.type }); };

  async function open(file) {
    task.emit('state', { name: 'sending' }, { keep: true });
    try {
      const photo = await library.open(file);
      const same = marks.photo && marks.photo.width === photo.width && marks.photo.height === photo.height;
      setPlacing(false);
      did({ tool: 'photo', key: photo.key, square: same ? marks.square : homeSquare(photo), ...(task.settings.keepMask && same ? { keep: true } : {}) });
      if (photo.width !== photo.height && masks) notice({ head: 'The model works inside the square', text: 'The rest of the photo stays as it is.', notice: false, choices: [['Move', () => setPlacing(true)]] });
      return photo;
    } catch (problem) {
      loop.failed(problem?.error ? problem : WORDS.notPicture);
      if (!problem?.error) console.debug(problem);
      return null;
    }
  }
  // All that a result carries, over the photo that it is itself; what was made larger is small again first. The mask of a record
  // has grown already and covers what a photo was extended by; its edges, the square and the frame are in pixels of the photo.
  async function useRecord({ settings, numbers, mask, layer, input, square, extend }) {
    if (input && !await open(await fileFrom(input, 'input.png'))) return;
    const [left, top, right, bottom] = extend ?? [0, 0, 0, 0];
    const ops = [];
    if (square) ops.push({ tool: 'square', square: [square[0] + left, square[1] + top, square[2]] });
    else if (WHOLE.includes(props.task) && placed()) ops.push({ tool: 'square', square: squareAround(marks.photo) });
    if (mask && masks) ops.push({ tool: 'picture', src: mask });
    if (layer && colours) ops.push({ tool: 'ink', src: layer, inset: [left, top, right, bottom] });
    try { await marks.prepare(ops); } catch { notice({ head: WORDS.notPicture.error, text: WORDS.notPicture.hint, alert: true }); return; }
    const unit = SIDE / (square?.[2] ?? Math.min(marks.photo.width, marks.photo.height));
    const values = { ...settings, ...numbers };
    for (const name of ['grow', 'feather']) if (name in values) values[name] = Math.round(values[name] * unit);
    if (mask) values.grow = 0;
    if (values[ESTIMATED[0]] !== undefined) values.estimate = false;
    if (values.look !== undefined && !props.looks.includes(values.look)) delete values.look;
    await task.write(Object.fromEntries(Object.entries(values).filter(([key, value]) => value !== undefined && key in props.settings)), { quiet: true });
    if (ops.length) did({ tool: 'group', name: 'record', ops }); else changed();
  }
  async function takeFile(file) {
    const record = file.type === 'image/png' && file.size <= FILE_MAX ? await readRecord(file).catch(() => null) : null;
    await open(file);
    if (record && record.task === props.task) {
      notice({ head: 'This picture carries its settings', text: 'Use them?', choices: [['Use settings', () => useRecord(record)], ['Only the picture', () => {}]] });
    }
  }
  async function takeMask(src) {
    try { await marks.loadMask(src); } catch { notice({ head: WORDS.notPicture.error, text: WORDS.notPicture.hint, alert: true }); return; }
    did({ tool: 'picture', src });
  }

  // ---- several files ----
  const batch = createBatch({
    task, library, visitor,
    marked() {
      if (masks && (!marks.photo || marks.untouched)) throw { error: 'Mark one photo first', hint: 'All files are filled where that one is marked, so they need its shape.' };
      return { mask: marks.photo ? marks.maskUrl() : null, image: colours && marks.photo ? marks.inkUrl() : null };
    },
    ops: (photo) => [{ tool: 'photo', key: photo.key, square: homeSquare(photo) }, ...(marks.photo ? marks.current().filter(({ tool }) => tool !== 'photo' && tool !== 'square') : [])],
    post(value) { props.value = asSent(value); trigger('batch'); },
    cancel: (message) => { server.cancel({ ...message, task: props.task }).catch(() => {}); },
  });
  task.batch = batch;
  task.on('batch', batch.heard);

  Object.assign(task.actions, {
    undo() { if (!surface.drawing && marks.undo()) changed(); },
    redo() { if (!surface.drawing && marks.redo()) changed(); },
    clear() { if (!surface.drawing && marks.photo && (marks.marked.any || colours)) did({ tool: 'clear' }); },
    invert() { if (marks.photo && masks) did({ tool: 'invert' }); },
    stop() { if (placing) { setPlacing(false); return; } surface.drop(); loop.stop(); },
    again: () => loop.again(),
    generate: () => loop.generate(),
    vary() { if (props.seeded) loop.vary(); },
    reroll() { if (props.seeded && !marks.untouched) { task.write({ seed: newSeed() }); if (task.settings.auto === false) loop.generate(); } },
    lock() { task.locked = !task.locked; task.emit('locked', task.locked, { keep: true }); keep(); },
    async open(many) {
      const files = await chooseFiles({ many: Boolean(many) });
      if (files.length > 1) batch.run(files);
      else if (files.length) takeFile(files[0]);
    },
    async paste() {
      try {
        for (const item of await navigator.clipboard.read()) {
          const type = item.types.find((each) => each.startsWith('image/'));
          if (type) { await takeFile(new File([await item.getType(type)], 'pasted', { type })); return; }
        }
        notice({ head: 'There is no picture to paste', text: 'Copy one first.' });
      } catch { notice({ head: 'The browser does not let the page read the clipboard', text: 'Press Ctrl+V instead.' }); }
    },
    async openMask() {
      const [file] = await chooseFiles({});
      if (!file) return;
      if (!marks.photo) { notice({ head: 'Open a photo first', text: 'The mask is laid over it.' }); return; }
      await takeMask(await dataUrl(file));
    },
    saveMask() {
      const url = marks.photo && marks.maskUrl();
      if (!url) { notice({ head: 'There is no mask yet', text: 'Brush over what should change.' }); return; }
      const link = make('a', { href: url, download: 'onestroke-mask.png' });
      document.body.append(link);
      link.click();
      link.remove();
    },
    widen() {
      if (!marks.photo) return;
      const f = photoFrame(marks.photo);
      const side = Math.min(SIDE, Math.max(f.width, f.height) * 1.25);
      const px = (value) => Math.round(value / f.k);
      did({ tool: 'square', square: [px(SIDE / 2 - side / 2 - f.x), px(SIDE / 2 - side / 2 - f.y), px(side)] });
      setPlacing(true);
    },
    async load({ name, ops, settings }) {
      try {
        for (const key of keysOf(ops)) await library.recall(key);
        await marks.prepare(ops);
      } catch { notice({ head: WORDS.photoGone.error, text: WORDS.photoGone.hint, alert: true }); return; }
      if (settings) task.write(settings, { quiet: true });
      did({ tool: 'group', name, ops });
    },
    place: () => setPlacing(!placing),
  });
  function chooseFiles({ many = false }) {
    return new Promise((resolve) => {
      const chooser = make('input', { type: 'file', accept: 'image/*,.tif,.tiff', multiple: many, onchange: () => resolve([...chooser.files]), oncancel: () => resolve([]) });
      chooser.click();
    });
  }
  const dataUrl = (blob) => new Promise((resolve, reject) => { const reader = new FileReader(); reader.onload = () => resolve(reader.result); reader.onerror = () => reject(reader.error); reader.readAsDataURL(blob); });

  // ---- wiring ----
  acceptFiles({ zone: paper, visible, take: takeFile, many: batch.run });
  onestroke.register({ task: props.task, from: [props.task], label: 'Use as the photo', hint: 'change one more thing', take: takePicture });
  async function takePicture(sent) {
    const blob = await pictureBlob(sent);
    if (!blob) { notice({ head: WORDS.resultGone.error, text: WORDS.resultGone.hint, alert: true }); return; }
    await open(new File([blob], 'result.png', { type: blob.type }));
  }
  task.on('inbox', (sent) => { if (sent) takePicture(sent); });
  task.on('painted', () => { if (!task.locked) task.write({ seed: newSeed() }, { quiet: true }); changed(); });
  task.on('drawing', (on) => { root.classList.toggle('os-drawing', on); });
  task.on('tools', keep);
  task.on('setting', ({ key }) => {
    if (key === 'keepMask') { keep(); return; }
    if (key === 'auto') byHand();
    if (key === ESTIMATED[0] && task.settings.estimate) task.write({ estimate: false }, { quiet: true });
    if (key === 'factor' && marks.photo) { marks.look(); changed({ quiet: true }); }
    keep();
    loop.changed({ setting: true });
  });
  task.on('write', () => trigger('settings'));
  hearControls({ task, names: Object.keys(props.settings) });
  function byHand() { document.querySelector(`#${props.task}-settings`)?.classList.toggle('by-hand', task.settings.auto === false); }
  const tool = (name) => () => { if (TOOL_LIST.some(([known]) => known === name)) tools.set({ tool: name }); };
  bindKeys({ task, tools, view, visible, more: {
    b: tool(first), e: tool('eraser'), r: tool('box'), p: tool('paint'), i: tool('pick'), f: () => {}, m: () => setPlacing(!placing),
    v: () => task.do(masks ? 'invert' : 'vary'), x: () => { if (colours) tools.swap(); }, enter: () => { if (placing) setPlacing(false); else if (task.settings.auto === false) loop.generate(); },
  } });
  bindPeek({ task, visible });
  root.onestroke = { state: loop.state, marks, tools, task, loop, open, takeMask };
  canvas.onestroke = root.onestroke;

  // ---- first picture, or what a reload left ----
  task.settings = { ...props.settings, ...saved.settings };
  task.locked = saved.locked ?? true;
  task.emit('locked', task.locked, { keep: true });
  refresh(marks);
  root.dataset.state = 'idle';
  setPlacing(false);
  setTimeout(async () => {
    if (saved.settings) task.write(saved.settings, { quiet: true });
    try { if (saved.marks) await marks.load(saved.marks, library.recall); } catch { /* the photo is gone: begin afresh */ }
    forgetOldPhotos();
    byHand();
    changed();
  });
}
