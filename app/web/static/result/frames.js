// The way from one picture to another: its frames under a slider, played back and forth, kept as an animation.
import { saveBlob } from '../files/save.js';
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { fitted } from '../shared/subject.js';
import { buildDownload, buildLarge, buildToolbar } from './actions.js';
import { buildEmpty } from './examples.js';
import { buildMenu } from './menu.js';
import { hearPictures } from './pictures.js';
import { buildPlayer } from './player.js';
import { saveOrSay } from './saving.js';
import { buildOutcome } from './status.js';
/** @import { Part } from '../page/parts.js' */

const OVER = { noises: 'from noise to noise', pictures: 'noise over both pictures' };

/** @param {Part} part */
export function frames({ element, props }) {
  const root = element.querySelector('.os-result');
  const task = onestroke.task(props.task);
  root.classList.add('os-way');
  const { progress, banner, line, stop } = buildOutcome({ root, task });
  const image = make('img', { draggable: false, decoding: 'sync' });
  fitted(props.alt, (text) => { image.alt = text; });
  image.style.visibility = 'hidden';
  const player = buildPlayer({ task, count: () => way.length, show: (at) => { put(pictureAt(at)); task.emit('frame', at); } });
  const buttons = buildWayButtons({ task, saveAnimation: () => saveAnimation(film) });
  root.append(make('div', { className: 'os-frame' }, image, progress, buildEmpty(props.empty), banner),
    make('div', { className: 'os-travel' }, ...player.nodes), make('div', { className: 'os-foot' }, line, buttons.node(stop)));
  let way = [];
  let film = null;     // address of the animation
  /** @type {{ settings: Record<string, any>, ops: any[] }} */
  let made = { settings: {}, ops: [] }; // as it was asked for: settings and ends
  task.chosen = null;

  const pictureAt = (at) => ({ ...way[at], ...made });
  function put(picture) {
    image.src = picture.src;
    image.style.visibility = '';
    task.chosen = picture;
  }
  function refresh() {
    player.refresh();
    buttons.refresh(way.filter(({ png }) => png).length, film);
  }
  function show(pictures, animation) {
    way = pictures;
    film = animation ?? null;
    task.emit('frames', { frames: way, ...made }, { keep: true });
    player.renew();
    refresh();
  }
  hearPictures(task, (answer) => {
    if (answer.over) task.found = OVER[answer.over];
    made = task.loop.asked(answer);
    show(answer.pictures, answer.animation);
  });
  task.on('settled', () => { if (way.length) task.emit('keep', { ...pictureAt(Math.floor(way.length / 2)), pictures: way, film }); });
  task.on('choose', ({ pictures, film: animation, settings, ops }) => { made = { settings, ops }; show(pictures, animation); });
  task.on('go', (at) => { player.pause(); player.go(at); });
  task.actions.play = player.toggle;
  task.actions.download = () => saveOrSay(task, task.chosen);
  refresh();
}

function buildWayButtons({ task, saveAnimation }) {
  const animation = make('button', { type: 'button', className: 'os-word', title: 'Download the animation', 'data-do': 'animation', onclick: saveAnimation, textContent: 'Animation' });
  const download = buildDownload(task, 'Download this frame as PNG  (D)');
  const large = buildLarge(task, () => task.chosen);
  const menu = buildMenu({ task, picture: () => task.chosen, word: true });
  return {
    node: (stop) => buildToolbar(stop, download, large.node, animation, menu.node),
    refresh(count, film) {
      for (const button of [download, menu.button]) button.disabled = !count;
      animation.disabled = !film;
      large.refresh();
    },
  };
}

async function saveAnimation(film) {
  if (!film) return;
  const blob = await (await fetch(film)).blob();
  const ending = { 'image/gif': 'gif', 'image/png': 'png' }[blob.type] ?? 'webp';
  saveBlob(blob, `onestroke-way.${ending}`);
}
