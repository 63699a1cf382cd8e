// Status, progress and banner of a task, for the results that are more than one picture.
import { make } from '../shared/dom.js';
import { buildBanner, buildProgress } from './resultparts.js';

export function buildOutcome({ root, task }) {
  const progress = buildProgress();
  const banner = buildBanner();
  const title = make('b');
  const detail = make('span');
  const status = make('output', { className: 'os-status', 'aria-live': 'polite' }, title, detail);
  const stop = make('button', { type: 'button', className: 'os-sm secondary', 'data-do': 'stop', textContent: 'Stop', hidden: true, onclick: () => task.do('stop') });
  task.on('state', (state) => {
    const words = task.describe(state);
    root.dataset.state = state.name;
    status.setAttribute('aria-live', state.name === 'thinking' ? 'off' : 'polite');
    title.textContent = words.title;
    if (words.detail !== null) detail.textContent = words.detail;
    progress.show(state);
    stop.hidden = !words.stop;
    banner.say(words.banner && { ...words.banner, choices: words.banner.button ? [[words.banner.button, () => task.do(words.banner.leave ? 'stop' : 'again')]] : [] });
  });
  task.on('notice', (notice) => banner.say({ notice: true, ...notice }));
  return { progress: progress.node, banner, status, stop };
}
export function arrived(task, answer) {
  document.dispatchEvent(new CustomEvent('onestroke-picture', { detail: { task: task.name, seq: answer.seq, kind: answer.kind, ms: answer.ms, model_ms: answer.model_ms } }));
}
