// The pictures of this visit, newest first. Kept in the tab's storage as far as it fits: it is the person's, not the server's.
import { saveAll } from '../files/zip.js';
import { onestroke } from '../shared/bus.js';
import { iconButton } from '../shared/dom.js';
import { dropOldestEntry, dropStore, readStore, writeStore } from '../shared/store.js';
import { count } from '../shared/words.js';
import { buildMenu, savePicture } from './resultparts.js';
import { buildStrip } from './strip.js';

export function history({ element, props }) {
  const HISTORY_MAX = 50;
  const LARGE = 300000;      // characters of a picture that the tab's storage is too small for
  const root = element.querySelector('.os-strip');
  const task = onestroke.task(props.task);
  const key = (id) => `${props.task}.entry.${id}`;
  let entries = readStore(`${props.task}.entries`, []).map((id) => readStore(key(id), null)).filter(Boolean);
  let chosen = entries[0] ?? null;

  const act = (name, label, tip, does, mark) => iconButton(name, label, { tip, 'data-do': mark, onclick: () => { if (chosen) does(chosen); } });
  const menu = buildMenu({ task, picture: () => chosen });
  const buttons = [
    act('restore', props.restore, props.restore, (entry) => task.do('load', { name: 'history', ops: structuredClone(entry.ops), settings: entry.settings }), 'restore'),
    menu.node,
    act('download', 'Download', 'Download PNG', savePicture, 'download'),
    act('zip', 'Download all', 'Download all in one file', () => saveAll(entries), 'all'),
    act('trash', 'Remove', 'Remove from history', remove, 'remove'),
  ];
  buttons.at(-1).classList.add('os-end');
  const strip = buildStrip({ root, title: 'History', note: 'this visit', buttons, label: 'History' });

  function draw() {
    const nodes = entries.map((entry) => {
      const node = strip.thumb(entry.src, `Seed ${entry.seed}, ${count(entry.settings.steps ?? 1)}`, () => choose(entry));
      node.setAttribute('aria-selected', String(entry === chosen));
      return node;
    });
    strip.show(...nodes);
    for (const button of buttons) (button.querySelector?.('.ib') ?? button).disabled = !chosen;
    root.classList.toggle('empty', !entries.length && (task.painting?.untouched ?? true));
  }
  function choose(entry) { chosen = entry; task.emit('choose', { src: entry.src, png: entry.png, seed: entry.seed, final: entry.final }); draw(); }
  function remove(entry) {
    const at = entries.indexOf(entry);
    entries = entries.filter((other) => other !== entry);
    dropStore(key(entry.id));
    chosen = entries[Math.min(at, entries.length - 1)] ?? null;
    keepList();
    draw();
  }
  function keepList() { writeStore(`${props.task}.entries`, entries.map(({ id }) => id)); }

  task.on('keep', (picture) => {
    const known = entries.find((entry) => entry.src === picture.src);
    if (known) { chosen = known; draw(); return; }
    const entry = { id: String(Date.now()).padStart(15, '0'), src: picture.src, png: picture.png, final: picture.final, seed: picture.seed, ops: structuredClone(picture.ops), settings: { ...picture.settings, seed: picture.seed } };
    while (entries.some(({ id }) => id === entry.id)) entry.id += '+';
    entries.unshift(entry);
    for (const gone of entries.splice(HISTORY_MAX)) dropStore(key(gone.id));
    chosen = entry;
    while (!writeStore(key(entry.id), { ...entry, png: entry.png?.length > LARGE ? undefined : entry.png }) && dropOldestEntry());
    keepList();
    draw();
  });
  task.on('painting', draw);
  draw();
}
