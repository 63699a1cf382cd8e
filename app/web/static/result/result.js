// The picture component: result, progress, compare wipe, banner, status and actions. It shows what its task says and owns
// only the picture that is on it.
import { isMadeOf } from '../files/photos.js';
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { buildActions } from './actions.js';
import { buildCompare } from './compare.js';
import { buildEmpty, buildOffers } from './examples.js';
import { hearPick } from './pickcolour.js';
import { buildGuide } from './guide.js';
import { saveOrSay } from './saving.js';
import { buildShownPicture } from './shownpicture.js';
import { arrived, buildStatus } from './status.js';
import { followView } from './zoomed.js';
/** @import { Part } from '../page/parts.js' */

const EMPTY = ['Your {one} appears here', 'after every stroke, by itself'];

/** @param {Part} part */
export function result({ element, props }) {
  const root = element.querySelector('.os-result');
  const task = onestroke.task(props.task);
  let shown = null;        // the answer whose picture is on the page
  let wiped = false;       // where the wipe is on from the start, it stays as the person sets it

  const picture = buildShownPicture(props.alt);
  const empty = buildEmpty(props.empty ?? EMPTY, ...buildOffers(task, props.examples ?? []));
  const compare = buildCompare({ root, task, labels: props.labels });
  const comparable = () => Boolean(shown && !shown.original && isMadeOf(shown, task.painting?.photo));
  const actions = buildActions({ task, picture: () => shown, comparable, another: props.another, tip: props.compare });

  function put(answer, src) {
    picture.put(src);
    shown = { settings: { ...task.settings }, ops: task.loop?.asked(answer)?.ops ?? task.painting?.current() ?? [], ...answer };
    if (props.wipe && !wiped && !shown.original) { wiped = true; compare.set(true); }
    refresh();
    arrived(task, answer);
  }
  function refresh() {
    task.shown = shown;
    compare.allow(comparable());
    actions.refresh();
  }
  async function answered(answer) {
    const loop = task.loop;
    if (!answer?.seq || !loop?.current(answer)) return;
    if (answer.src) {
      const next = await decode(answer);
      if (!loop.current(answer)) return;
      if (next) put(answer, next.src);
    }
    loop.answered(answer);
  }
  const status = buildStatus({
    root, task, quiet: ['painting', 'thinking'], titled: true,
    more({ name }, words) {
      actions.stop(words.stop, words.banner);
      if (name === 'idle') {
        picture.hide();
        shown = null;
        if (!task.painting?.photo) compare.set(false);
      }
      refresh();
    },
  });
  const guide = props.examples ? [buildGuide(task)].filter(Boolean) : [];
  const parts = [...picture.nodes, compare.before, compare.wipe, status.progress, empty, ...guide];
  const frame = make('div', { className: 'os-frame' }, ...parts);
  hearPick({ task, root, frame, image: picture.image });
  followView({ task, frame });
  root.append(frame, status.banner, make('div', { className: 'os-foot' }, status.line, actions.node));

  task.on('answer', answered);
  // A picture chosen from a strip: shown as it is, nothing is computed.
  task.on('choose', (chosen) => { put({ kind: 'chosen', ...chosen }, chosen.src); });
  task.on('painting', refresh); // of another photo, it may be
  task.on('settled', () => { if (shown && !shown.original) task.emit('keep', shown); });
  Object.assign(task.actions, {
    compare: compare.toggle,
    peek(on) { root.classList.toggle('peeking', Boolean(on && comparable())); if (on) compare.draw(); },
    download: () => saveOrSay(task, shown),
  });
  refresh();
}

// The answer's picture, ready to be shown; false where it cannot be read.
async function decode(answer) {
  const next = new Image();
  next.src = answer.src;
  try { await next.decode(); } catch { return false; }
  return next;
}
