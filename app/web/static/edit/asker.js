// What asks for pictures from noise alone: no photo and no strokes, so nothing to see here but the loop.
import { chooseFiles } from '../files/choose.js';
import { acceptFiles } from '../files/drop.js';
import { askLostAgain, noteLost } from '../request/goingon.js';
import { newVisitor } from '../request/page.js';
import { tellServer } from '../request/tellserver.js';
import { onestroke } from '../shared/bus.js';
import { hearControls } from '../shared/hearing.js';
import { newSeed } from '../shared/seeds.js';
import { aboutSeconds } from '../shared/words.js';
import { createKeeper, readStore } from '../shared/store.js';
import { sheetCanvas } from '../surface/draw.js';
import { createAskerFiles } from './askerfiles.js';
import { hearAnotherModel } from './anothermodel.js';
import { bindAskerKeys } from './askerkeys.js';
import { createEditLoop } from './editloop.js';
import { describeEdit } from './editwords.js';
import { createEnds } from './endpictures.js';
/** @import { Part } from '../page/parts.js' */

/** @param {Part} part */
export function asker({ element, props, trigger, server }) {
  const root = element.querySelector('.os-asker');
  const task = onestroke.task(props.task);
  const saved = readStore(props.task, {});
  const names = Object.keys(props.settings);
  const stage = () => /** @type {HTMLElement | null} */ (document.querySelector(`#${props.task}-stage`));
  const visible = () => stage()?.offsetParent != null;
  task.settings = { ...props.settings, ...saved.settings };
  task.describe = describeEdit(task);
  task.varied = null;   // the picture to make variations of
  const ends = props.between ? createEnds({ task, saved: saved.ends }) : null;
  const { keep, keepNow } = createKeeper(props.task, () => ({ settings: task.settings, ends: ends?.save(), lost: lost.value() }));
  const lost = noteLost({ task, keep: () => keepNow() });
  const doc = emptyDoc(task, ends);
  const loop = createEditLoop({
    task, doc, visitor: newVisitor(), auto: () => false, refused() {}, ...tellServer(server),
    post(value) { props.value = value; trigger('edit'); },
  });
  const { takeFile, receive } = createAskerFiles({ task, names, ends });
  const evaluations = () => (task.settings.frames ?? task.settings.count ?? 1) * loop.state().steps;
  Object.assign(task, { loop, ends, evaluations, painting: doc });
  Object.assign(task.actions, askerActions({ task, loop, ends }), { receive });
  task.emit('loop', loop, { keep: true });

  for (const event of ['setting', 'ends']) task.on(event, keep);
  task.on('write', () => trigger('settings'));
  task.on('inbox', receive);
  hearControls({ task, names });
  acceptFiles({ zone: stage(), visible, take: takeFile });
  bindAskerKeys({ task, visible });
  hearAnotherModel({ root: stage() ?? root, visible, again: askAgain({ task, loop, evaluations }) });
  root.onestroke = { state: loop.state, task, loop };
  setTimeout(() => {
    if (saved.settings) task.write(saved.settings, { quiet: true });
    task.emit('painting', doc, { keep: true });
    task.emit('state', { name: 'idle' }, { keep: true });
    askLostAgain(task, saved.lost);
  });
}

// What the loop sends where nothing is drawn.
function emptyDoc(task, ends) {
  const nothing = { photo: null, square: null, mask: null, extend: null };
  return {
    untouched: false, sheet: { canvas: sheetCanvas(1) },
    // What history restores besides settings.
    current: () => [...(ends ? [{ tool: 'ends', ends: ends.values() }] : []), ...(task.varied ? [{ tool: 'varied', png: task.varied.png }] : [])],
    async value() { return { ...nothing, image: task.varied?.png ?? null, ends: ends?.values() ?? null }; },
  };
}

// What stands here was made by another model. Where the new one is slow, the person is told how slow, and asks.
function askAgain({ task, loop, evaluations }) {
  let state = 'idle';
  task.on('state', ({ name }) => { state = name; });
  function ask() {
    if (state === 'idle' || state === 'history') return; // nothing, or what is kept as it is
    const slow = aboutSeconds(onestroke.model.pace * evaluations());
    if (slow) task.emit('state', { name: 'ready' }, { keep: true }); else loop.again();
  }
  return () => setTimeout(ask); // once its looks are known here
}

function askerActions({ task, loop, ends }) {
  return {
    stop: () => loop.stop(),
    again: () => loop.generate(),
    generate() { task.varied = null; loop.generate(); },
    variations(picture) { if (picture?.png) { task.varied = picture; loop.generate(); } },
    reroll() { task.write({ seed: newSeed(task.settings.seed) }, { quiet: true }); task.do('generate'); },
    dice(name) { task.write({ [name]: newSeed(task.settings.seed, task.settings.seed_b) }); },
    async openEnd(at) {
      const [file] = await chooseFiles();
      if (file) ends.take(at, file, file.name);
    },
    clearEnd(at) { ends.clear(at); },
    async load({ settings, ops }) {
      if (!settings) return;
      if (ends && ops) ends.load(ops[0]?.ends);
      await task.write(settings, { quiet: true });
      const varied = ops?.find(({ tool }) => tool === 'varied');
      task.do(varied ? 'variations' : 'generate', varied);
    },
  };
}
