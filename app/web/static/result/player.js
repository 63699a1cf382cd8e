// Frames played back and forth, under a slider that goes to each of them.
import { clamp, iconButton, make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
/** @import { Task } from '../shared/task.js' */

const FRAME_MS = 90;

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {() => number} options.count  frames
 * @param {(at: number) => void} options.show  a frame, counted from 0
 */
export function buildPlayer({ task, count, show }) {
  const play = iconButton('play', 'Play', { tip: 'Play  (Space)', 'data-do': 'play', onclick: () => task.do('play') });
  const slider = make('input', {
    type: 'range', min: 0, max: 1, step: 1, value: 0, 'aria-label': 'Where on the way', disabled: true,
    oninput() { pause(); go(+slider.value); },
  });
  let timer = null;
  function say(name, label) {
    play.replaceChildren(icon(name));
    play.setAttribute('aria-label', label);
  }
  function pause() {
    clearInterval(timer);
    timer = null;
    say('play', 'Play');
  }
  function go(at) {
    if (!count()) return;
    slider.value = at;
    slider.setAttribute('aria-valuetext', `Frame ${at + 1} of ${count()}`);
    slider.style.setProperty('--range_progress', `${100 * at / Math.max(1, count() - 1)}%`);
    show(clamp(at, 0, count() - 1));
  }
  function start() {
    let by = 1;
    say('pause', 'Pause');
    timer = setInterval(() => {
      let at = +slider.value + by;
      if (at < 0 || at >= count()) { by = -by; at = +slider.value + by; }
      go(clamp(at, 0, count() - 1));
    }, FRAME_MS);
  }
  return {
    nodes: [play, slider],
    pause, go,
    toggle() { if (!count()) return; if (timer) pause(); else start(); },
    // Other frames, at the place where the old ones stood.
    renew() {
      pause();
      slider.max = count() - 1;
      go(Math.min(+slider.value, count() - 1));
    },
    refresh() { play.disabled = slider.disabled = !count(); },
  };
}
