// What a task is at: one line, a bar for each step, and a banner where something must be said.
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { fit } from '../shared/subject.js';
import { aboutSeconds, describe, slowly } from '../shared/words.js';
import { buildBanner } from './banner.js';
/** @import { Task } from '../shared/task.js' */

const EARLY = ['idle', 'ready']; // states before anything is made

/**
 * @param {object} options
 * @param {HTMLElement} options.root  gets the state's name
 * @param {Task} options.task
 * @param {string[]} options.quiet  states that are not read out: they follow each other too fast
 * @param {boolean} [options.titled]  the line may be cut short: its details are its title, too
 * @param {(state: any, words: any) => void} options.more  what else a state changes; called at once with the last one
 */
export function buildStatus({ root, task, quiet, titled = false, more }) {
  const progress = buildProgress();
  const banner = buildBanner(task);
  const title = make('b');
  const detail = make('span');
  const line = make('output', { className: 'os-status', 'aria-live': 'polite' }, title, detail);
  let last = null;
  const say = (state, words) => { detail.textContent = fit(words.detail) + slowness(task, state); };
  // What will take long may take less with other settings.
  for (const event of ['settings', 'painting']) task.on(event, () => {
    if (last && EARLY.includes(last.name)) say(last, (task.describe ?? describe)(last));
  });
  task.on('state', (state) => {
    last = state;
    /** @type {any} */
    const words = (task.describe ?? describe)(state);
    root.dataset.state = state.name;
    root.style.setProperty('--label', `"${words.label ?? ''}"`);
    line.setAttribute('aria-live', quiet.includes(state.name) ? 'off' : 'polite');
    title.textContent = words.title;
    if (words.detail !== null) say(state, words);
    if (titled) detail.title = detail.textContent;
    progress.show(state);
    banner.follow(words.banner);
    more(state, words);
  });
  return { line, progress: progress.node, banner: banner.node };
}

// What is added where one waits for a slow model, or will.
function slowness(task, { name, steps }) {
  const { seconds, pace } = onestroke.model;
  if (task.evaluations) {
    const expected = EARLY.includes(name) && aboutSeconds(pace * task.evaluations());
    return expected ? `. It takes ${expected}` : '';
  }
  const slow = seconds && [...EARLY, 'thinking'].includes(name);
  return slow ? `. ${slowly(seconds * (steps ?? task.loop?.state().steps ?? 1))}` : '';
}

// A bar for each step of a walk, filled once it is taken. The last one, too, before all of them fade.
function buildProgress() {
  const node = make('div', { className: 'os-progress', 'aria-hidden': 'true' });
  function show({ name, step, steps }) {
    if (name !== 'thinking' && name !== 'refined') return;
    node.replaceChildren(...Array.from({ length: steps }, (_, i) => make('i', { className: i < step ? 'done' : '' })));
  }
  return { node, show };
}

/**
 * The same with a button that stops, for the results that are more than one picture.
 * @param {{ root: HTMLElement, task: Task }} options
 */
export function buildOutcome({ root, task }) {
  const stop = make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'stop', textContent: 'Stop', hidden: true,
    onclick: () => task.do('stop'),
  });
  const status = buildStatus({ root, task, quiet: ['thinking'], more(_state, words) { stop.hidden = !words.stop; } });
  return { ...status, stop };
}

/**
 * Tells the page that an answer's picture is on it.
 * @param {Task} task
 * @param {any} answer  its number, its kind, and how long it took in milliseconds
 */
export function arrived(task, { seq, kind, ms, model_ms }) {
  document.dispatchEvent(new CustomEvent('onestroke-picture', { detail: { task: task.name, seq, kind, ms, model_ms } }));
}
