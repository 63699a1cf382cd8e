// What can be done with the picture, as buttons below it.
import { iconButton, make, roving, setPressed } from '../shared/dom.js';
import { largeSize } from '../files/large.js';
import { isFinished, saveLarge } from '../files/save.js';
import { icon } from '../shared/icons.js';
import { fitted } from '../shared/subject.js';
import { buildMenu } from './menu.js';
/** @import { Picture } from '../files/save.js' */
/** @import { Task } from '../shared/task.js' */

/** @param {...HTMLElement} buttons */
export function buildToolbar(...buttons) {
  return make('div', { className: 'os-actions', role: 'toolbar', 'aria-label': 'Picture' }, ...buttons);
}

/**
 * The button that saves the picture on the page.
 * @param {Task} task
 * @param {string} tip
 */
export function buildDownload(task, tip = 'Download the exact PNG with its settings  (D)') {
  const node = make('button', { type: 'button', className: 'os-word', title: tip, 'data-do': 'download', onclick: () => task.do('download') }, icon('download'), 'Download');
  task.on('saving', (on) => node.setAttribute('aria-busy', String(on)));
  return node;
}

/**
 * The button that saves the picture larger than the model makes it, hidden where it is large already.
 * @param {Task} task
 * @param {() => Picture | null} picture
 */
export function buildLarge(task, picture) {
  const node = make('button', {
    type: 'button', className: 'os-word', 'data-do': 'large', textContent: 'Large', hidden: true,
    onclick: () => task.do('large'),
  });
  task.actions.large = async () => {
    const shown = picture();
    if (!largeSize(shown?.png)) return;
    node.disabled = true;
    await saveLarge(/** @type {any} */ (shown)).finally(() => { node.disabled = false; });
  };
  return {
    node,
    refresh() {
      const size = largeSize(picture()?.png);
      node.hidden = !size;
      if (!size) return;
      const pixels = size.width === size.height ? `${size.width}` : `${size.width} x ${size.height}`;
      node.title = `Download it enlarged to ${pixels} pixels, its settings inside`;
      node.setAttribute('aria-label', `Large, ${pixels} pixels`);
    },
  };
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {() => Picture | null} options.picture  that is on the page
 * @param {() => boolean} options.comparable  whether it was made of what is on the paper
 * @param {string} [options.another]  the name of the button for another seed; empty where seeds change nothing
 * @param {string} [options.tip]  of the button that compares
 */
export function buildActions({ task, picture, comparable, another = 'Another {one}', tip = 'Compare with your strokes  (C)' }) {
  const act = (name, label, does, more) => iconButton(name, label, { 'data-do': does, onclick: () => task.do(does), ...more });
  const reroll = another ? [act('dice', another, 'reroll', { className: 'os-phone' })] : [];
  fitted(another, (text) => { for (const button of reroll) { button.setAttribute('aria-label', text); button.dataset.tip = text; } });
  const wipe = act('compare', 'Compare', 'compare', { tip, 'aria-pressed': 'false' });
  const download = buildDownload(task);
  const large = buildLarge(task, picture);
  const menu = buildMenu({ task, picture, word: true });
  const node = buildToolbar(...reroll, wipe, download, large.node, menu.node);
  const rove = roving(node, '.ib, .os-word');
  task.on('comparing', (on) => setPressed(wipe, on));
  let extra = null;
  return {
    node,
    refresh() {
      for (const button of reroll) button.disabled = !picture();
      wipe.disabled = !comparable();
      download.disabled = !isFinished(picture());
      menu.button.disabled = download.disabled && !picture()?.file;
      large.refresh();
      rove();
    },
    // Stop stands beside the actions; on the phone the banner's button comes here too.
    stop(stoppable, banner) {
      const label = stoppable ? 'Stop' : banner?.button;
      if (extra?.textContent === (label ?? '')) return;
      extra?.remove();
      const does = stoppable || banner?.leave ? 'stop' : 'again';
      extra = label ? buildExtra(task, label, does, stoppable) : null;
      if (extra) node.prepend(extra);
    },
  };
}

function buildExtra(task, label, does, everywhere) {
  return make('button', {
    type: 'button', className: `os-sm secondary${everywhere ? '' : ' os-phone'}`, 'data-do': does, textContent: label,
    onclick: () => task.do(does),
  });
}
