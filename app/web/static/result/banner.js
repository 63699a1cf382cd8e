// A message over the lower edge of the picture, so that nothing moves. A notice goes away with Close; a state's with the state.
import { iconButton, make } from '../shared/dom.js';
/** @import { Task } from '../shared/task.js' */

/**
 * @typedef {object} Message
 * @property {string} head
 * @property {string} text
 * @property {[string, () => void][]} [choices]  buttons: label, and what a click does after it closed the banner
 * @property {boolean} [alert]  to be read out at once
 * @property {boolean} [notice]  stays until it is answered or closed
 * @property {() => boolean} [holds]  of a notice: whether it is still true; asked at every change. Without it a notice goes
 *   with the first one.
 */

const NEVER = () => false;

/**
 * What is listened to until something has changed: what is on the paper, or a setting.
 * @param {Task} task
 * @param {() => void} changed  called then; what the server finds out about the same photo is no change
 */
export function onChange(task, changed) {
  let known = task.painting?.version;
  task.on('painting', ({ version }) => {
    if (version === known) return;
    known = version;
    changed();
  });
  task.on('setting', changed);
}

/** @param {Task} task */
export function buildBanner(task) {
  const head = make('b');
  const text = make('span');
  const buttons = make('div', { className: 'os-choices' });
  const node = make('div', { className: 'os-banner', hidden: true }, make('div', {}, head, text), buttons);
  let holdsNotice = false;
  let stillTrue = NEVER;
  function close() {
    holdsNotice = false;
    node.hidden = true;
  }
  const choice = ([label, does]) => make('button', {
    type: 'button', className: 'os-sm secondary', textContent: label, onclick: () => { close(); does(); },
  });
  const closing = () => iconButton('close', 'Close', { className: 'small', 'data-tip': null, onclick: close });
  /** @param {Message | undefined} message */
  function say(message) {
    if (!message && holdsNotice) return; // a live picture does not answer a question for the person
    holdsNotice = Boolean(message?.notice);
    stillTrue = message?.holds ?? NEVER;
    node.hidden = !message;
    if (!message) return;
    node.setAttribute('role', message.alert ? 'alert' : 'status');
    node.classList.toggle('alert', Boolean(message.alert));
    head.textContent = message.head;
    text.textContent = message.text;
    buttons.replaceChildren(...(message.choices ?? []).map(choice), ...(message.notice ? [closing()] : []));
  }
  task.on('notice', (notice) => say({ notice: true, ...notice }));
  onChange(task, () => { if (holdsNotice && !stillTrue()) close(); });
  // Of a state, as its words have it: with at most one button, which goes on or leaves.
  function follow(words) {
    const does = () => task.do(words.leave ? 'stop' : 'again');
    say(words && { ...words, choices: words.button ? [[words.button, does]] : [] });
  }
  return { node, follow };
}
