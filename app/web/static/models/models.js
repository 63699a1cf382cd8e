// The Models tab: what is installed, and another model by a click. Who is not at this computer reads what is in use.
import { acceptFiles } from '../files/drop.js';
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { WORDS } from '../shared/words.js';
import { buildModelList } from './modellist.js';
import { buildModelPath } from './modelpath.js';
import { droppedSaid, loadingSaid, MODEL_WORDS } from './modelwords.js';
import { buildOfferList } from './offerlist.js';
/** @import { Part } from '../page/parts.js' */

const LOOK_MS = 700; // between two looks while something is under way

/** @param {Part} part */
export function models({ element, props, server }) {
  const root = element.querySelector('.os-models');
  if (!props.local) { onestroke.onModel((model) => root.replaceChildren(...inUse(model))); return; }

  const said = make('output', { className: 'os-said', 'aria-live': 'polite' });
  const list = buildModelList({ use: (id) => act('use_model', { model: id }) });
  const offers = buildOfferList({ fetchModel: (id) => act('fetch_model', { model: id }), stop: () => act('stop_fetching', {}) });
  const path = buildModelPath({ open: (typed) => act('open_model_file', { path: typed }) });
  root.append(said, list.node, path.node, offers.node);
  let timer = 0;
  let folder = '';
  let told = '';   // what the server said last

  function say(text, alert = false) {
    if (said.textContent !== text) said.textContent = text;
    said.classList.toggle('alert', alert);
  }
  const call = (name, message) => server[name](message).catch(() => ({ error: WORDS.modelsUnheard.error }));
  async function act(name, message) {
    const { error } = await call(name, message);
    if (error) { say(error, true); return; }
    say('');
    told = '';
    refresh();
  }
  async function refresh() {
    clearTimeout(timer);
    const answer = await call('models', {});
    if (answer.error) { say(answer.error, true); return; }
    for (const part of [list, path, offers]) part.show(answer);
    folder = answer.folder;
    const news = answer.loading ? loadingSaid(answer.loading, onestroke.model.name) : answer.trouble;
    if (news !== told) say(news, !answer.loading && Boolean(news)); // else an answer to the person stays
    told = news;
    clearTimeout(timer);
    if (answer.loading || answer.fetching) timer = window.setTimeout(refresh, LOOK_MS);
  }
  onestroke.onModel(refresh); // at once, and whenever another one is in use
  const visible = () => root.offsetParent !== null;
  const look = () => { if (visible()) refresh(); };
  new IntersectionObserver(look).observe(root); // files may have come
  window.addEventListener('focus', look);
  acceptFiles({ zone: path.node, visible, take({ name }) { say(droppedSaid(name, folder), true); path.focus(); } });
}

function inUse({ name, description, facts }) {
  const rows = facts.map(([label, text]) => make('div', {}, make('dt', { textContent: label }), make('dd', { textContent: text })));
  const card = make('article', { className: 'os-card' }, make('h3', { textContent: name }), make('p', { textContent: description }), make('dl', {}, ...rows));
  return [card, make('p', { className: 'os-note', textContent: MODEL_WORDS.others })];
}
