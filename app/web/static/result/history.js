// The pictures of this visit, newest first: it is the person's, not the server's.
import { saveAll, savePicture } from '../files/save.js';
import { onestroke } from '../shared/bus.js';
import { iconButton } from '../shared/dom.js';
import { count } from '../shared/words.js';
import { createEntries } from './entries.js';
import { buildMenu } from './menu.js';
import { buildStrip } from './strip.js';
/** @import { Part } from '../page/parts.js' */

/** @param {Part} part */
export function history({ element, props }) {
  const root = element.querySelector('.os-strip');
  const task = onestroke.task(props.task);
  const entries = createEntries(props.task);
  let chosen = entries.all[0] ?? null;

  const act = (name, label, tip, does, mark) => iconButton(name, label, { tip, 'data-do': mark, onclick: () => { if (chosen) does(chosen); } });
  const restore = ({ ops, settings }) => task.do('load', { name: 'history', ops: structuredClone(ops), settings });
  const menu = buildMenu({ task, picture: () => chosen });
  /** @type {any[]} */
  const buttons = [
    act('restore', props.restore, props.restore, restore, 'restore'),
    menu.node,
    act('download', 'Download', 'Download PNG', savePicture, 'download'),
    act('zip', 'Download all', 'Download all in one file', () => saveAll(entries.all), 'all'),
    act('trash', 'Remove', 'Remove from history', (entry) => { chosen = entries.remove(entry); draw(); }, 'remove'),
  ];
  buttons.at(-1).classList.add('os-end');
  const strip = buildStrip({ root, title: 'History', note: 'this visit', buttons, label: 'History' });

  function draw() {
    strip.show(...entries.all.map((entry) => {
      const node = strip.thumb(entry.src, `Seed ${entry.seed}, ${count(entry.settings.steps ?? 1)}`, () => choose(entry));
      node.setAttribute('aria-selected', String(entry === chosen));
      return node;
    }));
    for (const button of buttons) (button.querySelector?.('.ib') ?? button).disabled = !chosen;
    root.classList.toggle('empty', !entries.all.length && (task.painting?.untouched ?? true));
  }
  function choose(entry) {
    const { src, png, seed, final } = entry;
    chosen = entry;
    task.emit('choose', { src, png, seed, final });
    draw();
  }
  task.on('keep', (picture) => { chosen = entries.add(picture); draw(); });
  task.on('painting', draw);
  draw();
}
