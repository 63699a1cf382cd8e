// A grid of results from noise: one of them is picked, and can be kept, varied and sent.
import { onestroke } from '../shared/bus.js';
import { make, roving } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { buildDownload, buildLarge, buildToolbar } from './actions.js';
import { buildEmpty } from './examples.js';
import { buildMenu } from './menu.js';
import { hearPictures } from './pictures.js';
import { saveAllOrSay, saveOrSay } from './saving.js';
import { buildOutcome } from './status.js';
/** @import { Part } from '../page/parts.js' */

const GAP = 8; // pixels between two pictures

/** @param {Part} part */
export function grid({ element, props }) {
  const root = element.querySelector('.os-result');
  const task = onestroke.task(props.task);
  root.classList.add('os-many');
  const { progress, banner, line, stop } = buildOutcome({ root, task });
  const list = make('div', { className: 'os-grid', role: 'listbox', 'aria-label': 'Results' });
  const frame = make('div', { className: 'os-frame' }, list, progress, buildEmpty(props.empty), banner);
  const buttons = buildGridButtons({ task, saveResults: () => saveAllOrSay(task, results) });
  root.append(frame, make('div', { className: 'os-foot' }, line, buttons.node(stop)));
  let results = [];
  let settings = {};   // that they were made with, and what they vary
  let ops = [];
  task.chosen = null;
  const rove = roving(list, '.os-thumb');

  function size() {
    if (!results.length || !frame.clientWidth) return;
    const { columns, side } = bestGrid(results.length, frame.clientWidth, frame.clientHeight);
    list.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
    root.style.setProperty('--wide', `${columns * (side + GAP) - GAP}px`);
  }
  new ResizeObserver(size).observe(frame);
  const refresh = () => buttons.refresh(task.chosen, results.filter(({ png }) => png).length);
  function show(pictures) {
    results = pictures;
    list.replaceChildren(...results.map((picture) => buildThumb(picture, (node) => pick(picture, node))));
    size();
    rove();
    refresh();
  }
  let wanted = null;   // the seed of an example that is being made, to be picked then
  function pick(picture, node) {
    if (!picture.png) { wanted = picture.seed; task.do('load', { settings, ops }); return; }
    for (const each of list.children) each.setAttribute('aria-selected', String(each === node));
    task.chosen = { ...picture, settings: { ...settings, seed: picture.seed, count: 1 }, ops };
    task.emit('keep', task.chosen);
    refresh();
  }
  hearPictures(task, (answer) => {
    if (answer.step === 1) task.chosen = null;
    ({ settings, ops } = task.loop.asked(answer));
    show(answer.pictures);
  });
  task.on('settled', () => {
    if (results.length) task.emit('keep', { ...results[0], pictures: results, settings, ops });
    const at = results.findIndex(({ seed }) => seed === wanted);
    wanted = null;
    if (at >= 0) pick(results[at], list.children[at]);
  });
  // A picture, or a whole grid.
  task.on('choose', (chosen) => {
    [settings, ops] = [chosen.settings, chosen.ops];
    task.chosen = chosen.pictures ? null : chosen;
    show(chosen.pictures ?? [chosen]);
    if (task.chosen) list.firstElementChild.setAttribute('aria-selected', 'true');
  });
  task.actions.download = () => saveOrSay(task, task.chosen);
  refresh();
}

/**
 * The columns in which so many squares are largest.
 * @param {number} count
 * @param {number} width  of the room for them, in pixels, as is its height
 * @param {number} height
 * @returns {{ columns: number, side: number }} with the side of a square in whole pixels
 */
export function bestGrid(count, width, height) {
  let best = { columns: 1, side: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const side = Math.min((width - GAP * (columns - 1)) / columns, (height - GAP * (rows - 1)) / rows);
    if (side > best.side) best = { columns, side };
  }
  return { columns: best.columns, side: Math.floor(best.side) };
}

function buildThumb({ src, seed }, does) {
  const name = `Seed ${seed}`;
  const node = make('button', {
    type: 'button', className: 'os-thumb', role: 'option', 'aria-label': name, 'aria-selected': 'false', title: name,
    onclick: () => does(node),
  }, make('img', { src, alt: '', draggable: false }));
  return node;
}

function buildGridButtons({ task, saveResults }) {
  const vary = make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'variations', title: 'Pictures near the picked one  (V)',
    onclick: () => task.do('variations', task.chosen),
  }, icon('grid'), 'Variations of it');
  const download = buildDownload(task);
  const large = buildLarge(task, () => task.chosen);
  const all = make('button', { type: 'button', className: 'os-word', title: 'Download all in one file', 'data-do': 'all', onclick: saveResults, textContent: 'All as zip' });
  const menu = buildMenu({ task, picture: () => task.chosen, word: true });
  return {
    node: (stop) => buildToolbar(stop, vary, download, large.node, all, menu.node),
    refresh(chosen, count) {
      for (const button of [vary, download, menu.button]) button.disabled = !chosen;
      all.disabled = !count;
      large.refresh();
    },
  };
}
