// The component of every edit that begins with a photo: its parts, and how they hear of each other.
import { acceptFiles } from '../files/drop.js';
import { createPhotos, forgetOldPhotos, isMadeOf, keysOf } from '../files/photos.js';
import { createMarks } from '../marks/marks.js';
import { askLostAgain, noteLost } from '../request/goingon.js';
import { newVisitor } from '../request/page.js';
import { tellServer } from '../request/tellserver.js';
import { onestroke } from '../shared/bus.js';
import { bindKeys } from '../shared/keys.js';
import { createKeeper, readStore } from '../shared/store.js';
import { WORDS } from '../shared/words.js';
import { hearAnotherModel } from './anothermodel.js';
import { createHearing } from './answers.js';
import { createAsking } from './asking.js';
import { createPhotoBatch } from './batch.js';
import { createEditLoop } from './editloop.js';
import { describeEdit } from './editwords.js';
import { createGrownMask } from './grownmask.js';
import { editKind } from './kinds.js';
import { createMaskFiles } from './maskfiles.js';
import { createOpening } from './opening.js';
import { bindPeek } from './peek.js';
import { fileActions, loopActions, markActions } from './photoactions.js';
import { buildPhotoDesk } from './photodesk.js';
import { hearPhotoTask, hearSettings, showByHand } from './photoevents.js';
import { photoToolKeys } from './phototools.js';
import { createRecordUse } from './userecord.js';
/** @import { Part } from '../page/parts.js' */

/** @param {Part} part */
export function photocanvas({ element, props, trigger, server, upload }) {
  const root = element.querySelector('.os-canvas');
  const task = onestroke.task(props.task);
  const saved = readStore(props.task, {});
  const { can } = props;
  task.describe = describeEdit(task);
  root.classList.add('os-edit', props.task);

  const visitor = newVisitor();
  const library = createPhotos({ server, upload, visitor });
  const kind = editKind(task);
  const marks = createMarks({ photoOf: library.get, masks: can.masks, mayExtend: can.mayExtend, changeBefore: kind.before });
  const open = (file) => opening.open(file);
  const desk = buildPhotoDesk({ root, task, props, kind, marks, savedTools: saved.tools, did, open });
  const { tools, surface, modes } = desk;
  const returning = { marks: saved.marks }; // until they are here
  const { keep, keepNow } = createKeeper(props.task, () => (
    { marks: returning.marks ?? marks.save(), tools: tools.save(), settings: task.settings, locked: task.locked, lost: lost.value() }));
  const lost = noteLost({ task, keep: () => keepNow() });
  const asking = createAsking({ can, kind, marks, library });
  const { newest, cancel } = tellServer(server);
  const post = (event) => (value) => { props.value = asking.asSent(value); trigger(event); };
  const refused = (problem) => tellRefused(task, marks, problem);
  const loop = createEditLoop({
    task, doc: asking.doc, visitor, auto: () => task.settings.auto !== false, refused, post: post('edit'), newest, cancel,
  });

  const followMask = createGrownMask({ task, marks });
  function did(op) { marks.add(op); changed(); }
  function changed(how = {}) {
    desk.show();
    task.emit('painting', marks, { keep: true });
    keep();
    if (how.quiet) return;
    followMask();
    ask(how);
  }
  function ask(how) {
    loop.changed(how);
    showOriginal(task, marks);
  }
  const useRecord = createRecordUse({ task, props, can, kind, marks, partOnly: () => asking.partOnly, open, did, changed });
  const opening = createOpening({ task, kind, marks, library, modes, did, useRecord });
  const batch = createPhotoBatch({ task, can, kind, marks, library, visitor, post: post('batch'), cancel });

  const { takeMask, openMask, saveMask } = createMaskFiles({ task, marks, did });
  const parts = { task, marks, surface, modes, did, changed };
  Object.assign(task.actions, markActions(parts, can), loopActions(parts, { seeded: props.seeded, loop, keep }),
    fileActions(parts, { library, opening, batch }), { openMask, saveMask });
  const evaluations = () => (marks.photo ? kind.evaluations(asking.partOnly ? { width: marks.square[2], height: marks.square[2] } : marks.photo) : 0);
  Object.assign(task, { loop, batch, tools, evaluations, painting: marks });
  task.emit('loop', loop, { keep: true });

  const visible = () => root.offsetParent !== null;
  const hear = createHearing({ task, kind, marks, showSquares: modes.show });
  acceptFiles({ zone: desk.paper.node, visible, take: opening.takeFile, many: batch.run });
  hearPhotoTask({ root, task, loop, hear, takePicture: opening.takePicture, changed, keep, trigger });
  hearSettings({ task, names: Object.keys(props.settings), kind, ask, keep });
  task.on('batch', batch.heard);
  hearAnotherModel({ root, visible, again: changed });
  window.addEventListener('pagehide', keepNow);
  onestroke.register({
    task: props.task, from: [props.task], label: 'Use as the photo', hint: 'change one more thing', take: opening.takePicture,
  });
  bindKeys({ task, tools, view: desk.view, visible, more: photoKeys({ task, tools, can, modes, loop }) });
  bindPeek({ task, visible });
  root.onestroke = desk.canvas.onestroke = { state: loop.state, marks, tools, task, loop, open, takeMask };
  beginPhoto({ root, task, props, saved, marks, desk, returning, recall: library.recall, changed });
}

function photoKeys({ task, tools, can, modes, loop }) {
  return {
    ...photoToolKeys({ tools, can }),
    m: () => modes.toggle('place'),
    g: () => task.do('extend'),
    v: () => task.do(can.masks ? 'invert' : 'vary'),
    enter() { if (modes.on) modes.set(null); else if (task.settings.auto === false) loop.generate(); },
  };
}

// What keeps a request from being sent, over the picture, with what can be done about it.
function tellRefused(task, marks, { error, hint, button }) {
  task.emit('state', { name: marks.photo ? 'ready' : 'idle' }, { keep: true });
  const choices = button ? [[button[0], () => task.do(button[1])]] : [];
  task.emit('notice', { head: error, text: hint, alert: true, choices });
}

// Where nothing is marked the photo itself is the result, and also until something is made of it.
function showOriginal(task, marks) {
  const { photo, untouched } = marks;
  if (!photo || !(untouched || !isMadeOf(task.shown, photo))) return;
  const src = marks.sheet.canvas.toDataURL('image/png');
  task.emit('choose', { src, file: photo.file, seed: task.settings.seed, original: true });
  if (untouched) task.emit('state', { name: 'original' }, { keep: true });
}

// First picture, or what a reload left.
function beginPhoto({ root, task, props, saved, marks, desk, returning, recall, changed }) {
  task.settings = { ...props.settings, ...saved.settings };
  task.locked = saved.locked ?? true;
  task.emit('locked', task.locked, { keep: true });
  desk.refresh(marks);
  const isPhoto = keysOf(saved.marks?.ops ?? []).length > 0;
  root.dataset.state = isPhoto ? 'returning' : 'idle';
  desk.modes.set(null);
  task.emit('state', { name: root.dataset.state }, { keep: true });
  setTimeout(async () => {
    if (saved.settings) task.write(saved.settings, { quiet: true });
    let gone = false;
    try { if (saved.marks) await marks.load(saved.marks, recall); } catch { gone = isPhoto; }
    returning.marks = null;
    forgetOldPhotos();
    showByHand(task);
    changed();
    if (task.settings.auto === false) askLostAgain(task, saved.lost); // otherwise it asks by itself
    if (gone && !marks.photo) task.emit('notice', { head: WORDS.photoGone.error, text: WORDS.photoGone.hint });
  });
}
