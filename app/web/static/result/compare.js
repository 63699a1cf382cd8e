// The wipe between what was there before and the result.
import { make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { fitted, worded } from '../shared/subject.js';
/** @import { Task } from '../shared/task.js' */

const KEY_STEP = 5; // percent

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {Task} options.task
 * @param {string[]} options.labels  of the left side and the right
 */
export function buildCompare({ root, task, labels }) {
  const before = make('canvas', { className: 'os-before', width: 512, height: 512, 'aria-hidden': 'true' });
  const grip = make('span', { className: 'grip' }, icon('wipe'));
  const tags = ['l', 'r'].map((side, i) => worded(make('span', { className: `os-tag ${side}` }), labels[i]));
  const wipe = make('div', { className: 'os-wipe' }, buildSlider(root, labels), grip, ...tags);
  let [on, fits] = [false, false];
  let seen = false;
  function show() {
    if (on && fits) draw();
    if (seen === (on && fits)) return;
    seen = on && fits;
    root.classList.toggle('comparing', seen);
    task.emit('comparing', seen);
  }
  const compare = {
    before, wipe, draw,
    set(wished) { on = wished; show(); },
    toggle() { if (fits) compare.set(!on); },
    // Whether the result was made of what is on the paper. Where it was not, nothing is compared until it is.
    allow(now) { fits = now; show(); },
  };
  function draw() {
    if (!task.painting) return;
    const c = before.getContext('2d');
    c.imageSmoothingQuality = 'high';
    c.clearRect(0, 0, 512, 512); // a photo of another shape leaves parts of the sheet transparent
    c.drawImage(task.painting.sheet.canvas, 0, 0, 512, 512);
  }
  return compare;
}

function buildSlider(root, labels) {
  const show = () => root.style.setProperty('--wipe', `${slider.value}%`);
  const slider = make('input', { type: 'range', min: 0, max: 100, step: 1, value: 50, oninput: show });
  fitted(`Compare: ${labels[0]} left, ${labels[1]} right`, (text) => slider.setAttribute('aria-label', text));
  slider.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -KEY_STEP, ArrowDown: -KEY_STEP, ArrowRight: KEY_STEP, ArrowUp: KEY_STEP }[event.key];
    if (!by) return;
    event.preventDefault();
    slider.value = +slider.value + by;
    show();
  });
  return slider;
}
