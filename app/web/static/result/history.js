// The pictures of this visit and its favourites, newest first: they are the person's, not the server's.
import { onestroke } from '../shared/bus.js';
import { iconButton, make, setPressed } from '../shared/dom.js';
import { elsewhere, keyOf } from '../shared/keys.js';
import { count } from '../shared/words.js';
import { createEntries } from './entries.js';
import { createEntryStore } from './entrystore.js';
import { buildMenu } from './menu.js';
import { openWith } from './opened.js';
import { createRemoval } from './removal.js';
import { saveAllOrSay, saveOrSay } from './saving.js';
import { buildStrip } from './strip.js';
/** @import { Part } from '../page/parts.js' */
/** @import { Entry } from './entries.js' */
/** @import { Task } from '../shared/task.js' */

const NOTE = 'this visit, and favourites';
const LOST = 'gone with this page: the browser keeps nothing';

/** @param {Part} part */
export function history({ element, props }) {
  const root = element.querySelector('.os-strip');
  const task = onestroke.task(props.task);
  /** @type {Entry | null} */
  let chosen = null;
  let note = NOTE;
  let last = null;                        // state of the task, besides those of the history
  let standing = { entry: null, last };   // the newest picture, and the state it was made in
  const entries = createEntries(createEntryStore(props.task), () => { note = LOST; root.classList.add('lost'); draw(); });
  const removal = createRemoval({ entries, show(entry) { chosen = entry; draw(); } });

  const act = (name, label, tip, does, mark) => iconButton(name, label, { tip, 'data-do': mark, onclick: () => { if (chosen) does(chosen); } });
  const restore = ({ ops, settings }) => task.do('load', { name: 'history', ops: structuredClone(ops), settings });
  const menu = buildMenu({ task, picture: () => chosen });
  const favourite = act('star', 'Favourite', 'Favourite: kept for every visit', (entry) => { entries.setFavourite(entry, !entry.favourite); draw(); }, 'favourite');
  const textButton = (label, mark, does) => make('button', { type: 'button', className: 'os-sm secondary', 'data-do': mark, textContent: label, onclick: does });
  const undo = textButton('Undo', 'putback', removal.undo);
  const all = textButton('Export all', 'all', () => saveAllOrSay(task, entries.all.flatMap(filesOf), 'onestroke-history.zip'));
  const single = [
    act('restore', props.restore, props.restore, restore, 'restore'), favourite, menu.button,
    act('download', 'Download', 'Download', (entry) => save(task, entry), 'download'),
    act('trash', 'Remove', 'Remove from history', removal.remove, 'remove'),
  ];
  const buttons = [undo, ...single.map((button) => (button === menu.button ? menu.node : button)), all];
  const strip = buildStrip({ root, title: 'History', note, buttons, label: 'History' });

  function draw() {
    strip.show(...entries.all.map((entry) => {
      const node = strip.thumb(entry.src, nameOf(entry), () => choose(entry));
      node.append(...othersOf(entry));
      node.classList.toggle('favourite', Boolean(entry.favourite));
      node.setAttribute('aria-selected', String(entry === chosen));
      return node;
    }));
    strip.note(removal.count ? `${removal.count} removed` : note);
    undo.hidden = !removal.count;
    all.disabled = !entries.all.length;
    for (const button of single) button.disabled = !chosen;
    setPressed(favourite, Boolean(chosen?.favourite));
    fold();
  }
  function fold() { root.classList.toggle('empty', !entries.all.length && !removal.count && (task.painting?.untouched ?? true)); }
  function choose(entry) {
    chosen = entry;
    task.emit('choose', entry);
    const stands = entry === standing.entry && last === standing.last; // nothing has changed since it was made
    task.emit('state', stands ? last : { name: 'history', steps: entry.settings.steps ?? 1, seed: entry.seed }, { keep: true });
    draw();
  }
  task.on('state', (state) => { if (state.name !== 'history') last = state; });
  task.on('keep', async (picture) => {
    const mine = { ...picture, ops: structuredClone(picture.ops) };
    const madeIn = last;
    await entries.ready;
    chosen = entries.add(mine);
    standing = { entry: chosen, last: madeIn };
    draw();
  });
  task.on('painting', () => { removal.settle(); fold(); });
  document.addEventListener('keydown', (event) => {
    const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && keyOf(event) === 'z';
    if (!undoes || !removal.fresh || elsewhere(event, () => root.offsetParent !== null)) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the strokes have their own Ctrl+Z
    removal.undo();
  }, { capture: true });
  entries.ready.then(() => {
    chosen ??= entries.all[0] ?? null;
    draw();
    if (props.sample) openWith({ task, sample: props.sample, newest: entries.all.find(({ pictures }) => pictures), choose });
  });
  draw();
}

/** @param {Entry} entry */
function nameOf({ seed, settings, pictures, favourite }) {
  const what = pictures ? `${pictures.length} pictures from seed ${seed}` : `Seed ${seed}`;
  return `${what}, ${count(settings.steps ?? 1)}${favourite ? ', favourite' : ''}`;
}

// Three more pictures of a grid, which show that it is one.
function othersOf({ pictures, film }) {
  return film ? [] : (pictures ?? []).slice(1, 4).map(({ src }) => make('img', { src, alt: '', draggable: false }));
}

/** @param {Entry} entry */
function filesOf(entry) {
  const film = entry.film ? [{ src: entry.film, name: 'onestroke-way.webp' }] : [];
  return [...(entry.pictures ?? [entry]), ...film];
}

/**
 * @param {Task} task
 * @param {Entry} entry
 */
function save(task, entry) { if (entry.pictures) saveAllOrSay(task, filesOf(entry)); else saveOrSay(task, entry); }
