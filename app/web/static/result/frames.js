// The way from one picture to another: its frames under a slider, played back and forth, kept as an animation.
import { decoded } from '../files/photos.js';
import { saveBlob } from '../files/zip.js';
import { onestroke } from '../shared/bus.js';
import { clamp, iconButton, make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { buildMenu, savePicture } from './resultparts.js';
import { arrived, buildOutcome } from './resultstate.js';

export function frames({ element, props }) {
  const FRAME_MS = 90;
  const root = element.querySelector('.os-result');
  const task = onestroke.task(props.task);
  root.classList.add('os-way');
  const { progress, banner, status, stop } = buildOutcome({ root, task });
  const image = make('img', { alt: props.alt, draggable: false, decoding: 'sync' });
  image.style.visibility = 'hidden';
  const empty = make('div', { className: 'os-empty' }, make('b', { textContent: props.empty[0] }), make('span', { textContent: props.empty[1] }));
  const frame = make('div', { className: 'os-frame' }, image, progress, empty, banner.node);
  const play = iconButton('play', 'Play', { tip: 'Play  (Space)', 'data-do': 'play', onclick: () => task.do('play') });
  const slider = make('input', { type: 'range', min: 0, max: 1, step: 1, value: 0, 'aria-label': 'Where on the way', disabled: true, oninput: () => { pause(); go(+slider.value); } });
  const animation = iconButton('zip', 'Download the animation', { tip: 'Download the animation', 'data-do': 'animation', onclick: () => saveAnimation() });
  const download = iconButton('download', 'Download', { tip: 'Download this frame as PNG  (D)', 'data-do': 'download', onclick: () => task.do('download') });
  const menu = buildMenu({ task, picture: () => task.chosen });
  const actions = make('div', { className: 'os-actions', role: 'toolbar', 'aria-label': 'Picture' }, stop, download, animation, menu.node);
  root.append(frame, make('div', { className: 'os-travel' }, play, slider), make('div', { className: 'os-foot' }, status, actions));
  let frames = [];
  let moving = null;
  let film = null;
  task.chosen = null;

  const ops = () => [{ tool: 'ends', ends: task.ends?.values() ?? [null, null] }]; // what history restores besides settings
  function go(at) {
    if (!frames.length) return;
    const picture = frames[clamp(at, 0, frames.length - 1)];
    image.src = picture.src;
    image.style.visibility = '';
    slider.value = at;
    slider.setAttribute('aria-valuetext', `Frame ${at + 1} of ${frames.length}`);
    slider.style.setProperty('--range_progress', `${100 * at / Math.max(1, frames.length - 1)}%`);
    task.chosen = { ...picture, settings: { ...task.settings }, ops: ops() };
    task.emit('frame', at);
  }
  function pause() {
    clearInterval(moving);
    moving = null;
    play.replaceChildren(icon('play'));
    play.setAttribute('aria-label', 'Play');
  }
  task.actions.play = () => {
    if (!frames.length) return;
    if (moving) { pause(); return; }
    let by = 1;
    play.replaceChildren(icon('pause'));
    play.setAttribute('aria-label', 'Pause');
    moving = setInterval(() => {
      let at = +slider.value + by;
      if (at < 0 || at >= frames.length) { by = -by; at = +slider.value + by; }
      go(clamp(at, 0, frames.length - 1));
    }, FRAME_MS);
  };
  async function saveAnimation() {
    if (!film) return;
    const blob = await (await fetch(film)).blob();
    saveBlob(blob, `onestroke-way.${blob.type === 'image/gif' ? 'gif' : blob.type === 'image/png' ? 'png' : 'webp'}`);
  }
  function refresh() {
    for (const button of [play, download, menu.button]) button.disabled = !frames.length;
    slider.disabled = !frames.length;
    animation.disabled = !film;
  }
  task.on('answer', async (answer) => {
    if (!answer?.seq || !task.loop?.current(answer)) return;
    if (answer.pictures?.length) {
      await Promise.all(answer.pictures.map((picture) => decoded(picture.src).catch(() => null)));
      if (!task.loop.current(answer)) return;
      pause();
      frames = answer.pictures;
      film = answer.animation ?? null;
      if (answer.over) task.found = { noises: 'from noise to noise', pictures: 'noise over both pictures' }[answer.over];
      slider.max = frames.length - 1;
      task.emit('frames', frames, { keep: true });
      go(Math.min(+slider.value, frames.length - 1));
      arrived(task, answer);
      refresh();
    }
    task.loop.answered(answer);
  });
  task.on('settled', () => { if (task.chosen) task.emit('keep', { ...frames[Math.floor(frames.length / 2)], settings: { ...task.settings }, ops: ops() }); });
  task.on('choose', (picture) => { pause(); image.src = picture.src; image.style.visibility = ''; task.chosen = picture; });
  task.on('go', (at) => { pause(); go(at); });
  task.actions.download = () => { if (task.chosen) savePicture(task.chosen); };
  refresh();
}
