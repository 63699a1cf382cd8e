// A grid of results from noise: one of them is picked, and can be kept, varied and sent.
import { decoded } from '../files/photos.js';
import { saveAll } from '../files/zip.js';
import { onestroke } from '../shared/bus.js';
import { iconButton, make, roving } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { buildMenu, savePicture } from './resultparts.js';
import { arrived, buildOutcome } from './resultstate.js';

export function grid({ element, props }) {
  const root = element.querySelector('.os-result');
  const task = onestroke.task(props.task);
  root.classList.add('os-many');
  const { progress, banner, status, stop } = buildOutcome({ root, task });
  const grid = make('div', { className: 'os-grid', role: 'listbox', 'aria-label': 'Results' });
  const empty = make('div', { className: 'os-empty' }, make('b', { textContent: props.empty[0] }), make('span', { textContent: props.empty[1] }));
  const frame = make('div', { className: 'os-frame' }, grid, progress, empty, banner.node);
  const menu = buildMenu({ task, picture: () => task.chosen });
  const vary = make('button', { type: 'button', className: 'os-sm secondary', 'data-do': 'variations', title: 'Pictures near the picked one  (V)', onclick: () => task.do('variations', task.chosen) }, icon('grid'), 'Variations of it');
  const download = iconButton('download', 'Download', { tip: 'Download PNG with its settings  (D)', 'data-do': 'download', onclick: () => task.do('download') });
  const all = iconButton('zip', 'Download all', { tip: 'Download all in one file', 'data-do': 'all', onclick: () => saveAll(results) });
  const actions = make('div', { className: 'os-actions', role: 'toolbar', 'aria-label': 'Picture' }, stop, vary, download, all, menu.node);
  root.append(frame, make('div', { className: 'os-foot' }, status, actions));
  let results = [];
  task.chosen = null;
  const rove = roving(grid, '.os-thumb');

  function size() {
    const { clientWidth: width, clientHeight: height } = frame;
    if (!results.length || !width) return;
    let best = [0, 1];
    for (let columns = 1; columns <= results.length; columns++) {
      const side = Math.min((width - 8 * (columns - 1)) / columns, (height - 8 * (Math.ceil(results.length / columns) - 1)) / Math.ceil(results.length / columns));
      if (side > best[0]) best = [side, columns];
    }
    grid.style.gridTemplateColumns = `repeat(${best[1]}, ${Math.floor(best[0])}px)`;
  }
  new ResizeObserver(size).observe(frame);

  function show(next) {
    results = next;
    const nodes = results.map((picture) => {
      const node = make('button', { type: 'button', className: 'os-thumb', role: 'option', 'aria-label': `Seed ${picture.seed}`, 'aria-selected': 'false', title: `Seed ${picture.seed}`, onclick: () => pick(picture, node) }, make('img', { src: picture.src, alt: '', draggable: false }));
      return node;
    });
    grid.replaceChildren(...nodes);
    size();
    rove();
    refresh();
  }
  function refresh() {
    for (const button of [vary, download, menu.button]) button.disabled = !task.chosen;
    all.disabled = !results.length;
  }
  function pick(picture, node) {
    for (const each of grid.children) each.setAttribute('aria-selected', String(each === node));
    task.chosen = { ...picture, settings: { ...task.settings, seed: picture.seed, count: 1 }, ops: [] };
    task.emit('keep', task.chosen);
    refresh();
  }
  task.on('answer', async (answer) => {
    if (!answer?.seq || !task.loop?.current(answer)) return;
    if (answer.pictures?.length) {
      await Promise.all(answer.pictures.map((picture) => decoded(picture.src).catch(() => null)));
      if (!task.loop.current(answer)) return;
      if (answer.step === 1) task.chosen = null;
      show(answer.pictures);
      arrived(task, answer);
    }
    task.loop.answered(answer);
  });
  task.on('choose', (picture) => { task.chosen = picture; show([picture]); grid.firstChild.setAttribute('aria-selected', 'true'); refresh(); });
  task.actions.download = () => { if (task.chosen) savePicture(task.chosen); };
  refresh();
}
