// What asks for pictures from noise alone: no photo and no strokes, so nothing to see here but the loop.
import { acceptFiles } from '../files/drop.js';
import { chooseFile } from '../files/photo.js';
import { readRecord } from '../files/png.js';
import { pictureBlob } from '../files/zip.js';
import { newVisitor } from '../request/page.js';
import { onestroke } from '../shared/bus.js';
import { hearControls } from '../shared/hearing.js';
import { readStore, writeStore } from '../shared/store.js';
import { WORDS } from '../shared/words.js';
import { sheetCanvas } from '../surface/draw.js';
import { createEditLoop } from './editloop.js';
import { describeEdit } from './editwords.js';
import { createEnds, smallPicture } from './endpictures.js';

export function asker({ element, props, trigger, server }) {
  const root = element.querySelector('.os-asker');
  const task = onestroke.task(props.task);
  const saved = readStore(props.task, {});
  task.describe = describeEdit(task);
  task.varied = null;   // the picture to make variations of
  let ends = null;      // of a way: its pictures
  const visible = () => document.querySelector(`#${props.task}-stage`)?.offsetParent != null;
  const nothing = sheetCanvas(1);
  const doc = { untouched: false, current: () => [], sheet: { canvas: nothing }, async value() { return { photo: null, square: null, mask: null, extend: null, image: task.varied?.png ?? null, ends: ends?.values() ?? null }; } };
  const visitor = newVisitor();
  const loop = createEditLoop({
    task, doc, visitor,
    auto: () => false,
    refused() {},
    post(value) { props.value = value; trigger('edit'); },
    newest: (message) => { server.newest(message).catch(() => {}); },
    cancel: (message) => { server.cancel(message).catch(() => {}); },
  });
  task.loop = loop;
  task.painting = doc;
  task.emit('loop', loop, { keep: true });

  const newSeed = () => { let seed; do seed = Math.floor(Math.random() * 10000); while (seed === task.settings.seed); return seed; };
  let saving = 0;
  function keep() { clearTimeout(saving); saving = setTimeout(() => writeStore(props.task, { settings: task.settings, ends: ends?.save() }), 250); }
  const notice = (detail) => task.emit('notice', detail);
  async function files(does) { const file = await chooseFile('image/*,.tif,.tiff'); if (file) await does(file); }
  // A picture of any size, from a file or from another tab, as one to make variations of.
  async function vary(blob) {
    try { const png = await smallPicture(blob); task.emit('choose', { src: png, png, settings: { ...task.settings }, ops: [] }); task.do('variations', { png }); } catch (problem) { const { error, hint } = problem?.error ? problem : WORDS.notPicture; notice({ head: error, text: hint, alert: true }); }
  }
  // A file dropped on the tab: of ours it may bring its settings, else it is an end of the way, or what is varied.
  async function takeFile(file, target) {
    const own = target.closest?.('[data-end]')?.dataset.end;
    const take = () => (ends ? ends.take(own ? +own : ends.free(), file, file.name) : vary(file));
    const record = file.type === 'image/png' ? await readRecord(file).catch(() => null) : null;
    if (own || record?.task !== props.task) { await take(); return; }
    const known = Object.fromEntries(Object.entries({ ...record.settings, ...record.numbers }).filter(([key, value]) => value !== undefined && key in props.settings));
    const use = () => { ends?.load(record.ends); if (!ends) known.count = 1; task.do('load', { settings: known }); };
    notice({ head: 'This picture carries its settings', text: 'Use them?', choices: [['Use settings', use], [ends ? 'Only the picture' : 'Variations of it', take]] });
  }
  Object.assign(task.actions, {
    stop: () => loop.stop(),
    again: () => loop.generate(),
    generate() { task.varied = null; loop.generate(); },
    variations(picture) { if (picture?.png) { task.varied = picture; loop.generate(); } },
    reroll() { task.write({ seed: newSeed() }, { quiet: true }); task.do('generate'); },
    dice(name) { task.write({ [name]: newSeed() }); },
    openEnd(at) { files((file) => ends.take(at, file, file.name)); },
    clearEnd(at) { ends.clear(at); },
    async load({ settings, ops }) {
      if (!settings) return;
      if (ends && ops) ends.load(ops[0]?.ends);
      await task.write(settings, { quiet: true });
      task.do('generate');
    },
    async receive(sent) {
      const blob = await pictureBlob(sent);
      if (!blob) { notice({ head: WORDS.resultGone.error, text: WORDS.resultGone.hint, alert: true }); return; }
      if (ends) await ends.take(sent.at ?? ends.free(), blob, sent.final?.name); else await vary(blob);
    },
  });
  task.on('setting', keep);
  task.on('write', () => trigger('settings'));
  hearControls({ task, names: Object.keys(props.settings) });
  task.on('inbox', (sent) => task.do('receive', sent));
  task.on('ends', keep);
  acceptFiles({ zone: document.querySelector(`#${props.task}-stage`), visible, take: takeFile });
  const plain = {
    n: () => task.do('reroll'), v: () => task.do('variations', task.chosen), d: () => task.do('download'), enter: () => task.do('generate'),
    escape: () => loop.stop(), ' ': () => task.do('play'), '?': () => onestroke.open('help'),
  };
  document.addEventListener('keydown', (event) => {
    const onControl = event.target.matches?.('input:not([type=range], [type=radio], [type=checkbox]), textarea, select') || (event.target.matches?.('button, summary, input') && [' ', 'Enter'].includes(event.key));
    if (event.isComposing || onControl || event.ctrlKey || event.metaKey || event.altKey || !visible() || document.querySelector('dialog[open]')) return;
    const does = plain[event.key.toLowerCase()];
    if (!does) return;
    event.preventDefault();
    does();
  });
  root.onestroke = { state: loop.state, task, loop };

  task.settings = { ...props.settings, ...saved.settings };
  if (props.between) { ends = createEnds({ task, saved: saved.ends }); task.ends = ends; }
  setTimeout(() => {
    if (saved.settings) task.write(saved.settings, { quiet: true });
    task.emit('painting', doc, { keep: true });
    task.emit('state', { name: 'idle' }, { keep: true });
  });
}
