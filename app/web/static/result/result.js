// The picture component: result, progress, compare wipe, banner, status and actions. It shows what its task says and owns
// only the picture that is on it.
import { onestroke } from '../shared/bus.js';
import { calm, make } from '../shared/dom.js';
import { describe } from '../shared/words.js';
import { buildActions, buildBanner, buildCompare, buildEmpty, buildProgress, savePicture } from './resultparts.js';

export function result({ element, props }) {
  const root = element.querySelector('.os-result');
  const task = onestroke.task(props.task);
  let shown = null;        // the answer whose picture is on the page
  let shownAt = -Infinity;
  let wiped = false;       // where the wipe is on from the start, it stays as the person sets it

  const image = make('img', { alt: props.alt, draggable: false, decoding: 'sync' });
  image.style.visibility = 'hidden';
  const old = make('canvas', { className: 'os-old', width: 512, height: 512, 'aria-hidden': 'true' });
  const progress = buildProgress();
  const empty = buildEmpty({ task, examples: props.examples ?? [], words: props.empty });
  const banner = buildBanner();
  const compare = buildCompare({ root, task, labels: props.labels });
  const frame = make('div', { className: 'os-frame' }, image, old, compare.before, compare.wipe, progress.node, empty, banner.node);
  const status = buildStatus();
  const actions = buildActions({ task, picture: () => shown, another: props.another, tip: props.compare });
  root.append(frame, make('div', { className: 'os-foot' }, status.node, actions.node));

  async function show(answer) {
    const next = new Image();
    next.src = answer.src;
    try { await next.decode(); } catch { return false; }
    const placed = await task.inSquare?.(answer, next); // where a picture shows another part of the photo than the paper does
    if (placed) { answer.src = next.src = placed; await next.decode(); }
    return next;
  }
  // Only a picture that stood a while fades into the next; a live one cuts, so that it never trails behind the pen.
  function fade() {
    if (calm() || performance.now() - shownAt < 300 || image.style.visibility === 'hidden' || !image.naturalWidth) return;
    const scale = 512 / Math.max(image.naturalWidth, image.naturalHeight);
    const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
    const c = old.getContext('2d');
    c.clearRect(0, 0, 512, 512);
    c.drawImage(image, (512 - width) / 2, (512 - height) / 2, width, height);
    old.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 120 });
  }
  async function answered(answer) {
    const loop = task.loop;
    if (!answer?.seq || !loop?.current(answer)) return;
    if (answer.src) {
      const next = await show(answer);
      if (!loop.current(answer)) return;
      if (next) put(answer, next.src);
    }
    loop.answered(answer);
  }
  function put(answer, src) {
    fade();
    image.src = src;
    image.style.visibility = '';
    shown = { ...answer, settings: { ...task.settings }, ops: task.painting?.current() ?? [] };
    shownAt = performance.now();
    if (props.wipe && !wiped) { wiped = true; compare.set(true); }
    actions.refresh();
    document.dispatchEvent(new CustomEvent('onestroke-picture', { detail: { task: task.name, seq: answer.seq, kind: answer.kind, ms: answer.ms, model_ms: answer.model_ms } }));
  }
  task.on('answer', answered);

  // A picture chosen from a strip: shown as it is, nothing is computed.
  task.on('choose', (picture) => { put({ kind: 'chosen', ...picture }, picture.src); });
  task.on('settled', () => { if (shown) task.emit('keep', shown); });

  function buildStatus() {
    const title = make('b');
    const detail = make('span');
    const node = make('output', { className: 'os-status', 'aria-live': 'polite' }, title, detail);
    return { node, say(words) { title.textContent = words.title; if (words.detail !== null) { detail.textContent = words.detail; detail.title = words.detail; } } };
  }
  task.on('state', (state) => {
    const words = (task.describe ?? describe)(state);
    root.dataset.state = state.name;
    status.node.setAttribute('aria-live', state.name === 'painting' || state.name === 'thinking' ? 'off' : 'polite');
    status.say(words);
    progress.show(state);
    actions.stop(words.stop, words.banner, task);
    banner.say(words.banner && { ...words.banner, choices: words.banner.button ? [[words.banner.button, () => task.do(words.banner.leave ? 'stop' : 'again')]] : [] });
    if (state.name === 'idle') { image.style.visibility = 'hidden'; shown = null; compare.set(false); }
    actions.refresh();
  });
  task.on('notice', (notice) => banner.say({ notice: true, ...notice }));
  task.actions.compare = () => { if (shown) compare.set(!compare.on); };
  task.actions.peek = (on) => { root.classList.toggle('peeking', Boolean(on && shown)); if (on) compare.draw(); };
  task.actions.download = () => { if (shown) savePicture(shown); };
}
