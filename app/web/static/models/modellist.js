// The models that are installed, each with a button that changes to it.
import { make } from '../shared/dom.js';
import { buildCards, buildModelCard } from './modelcard.js';
import { MODEL_WORDS } from './modelwords.js';

/** @param {{ use: (id: string) => void }} options */
export function buildModelList({ use }) {
  const seen = ({ models, loading }) => ({ models, waits: Boolean(loading) });
  return buildCards('os-installed', MODEL_WORDS.installed, seen, ({ models, waits }) => (
    models.map((model) => buildModelCard(model, buildUse(model, { use, waits })))));
}

function buildUse({ id, name, inUse, problem }, { use, waits }) {
  if (inUse) return make('b', { textContent: MODEL_WORDS.inUse });
  if (problem) return make('span', { textContent: MODEL_WORDS.unusable });
  return make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'use', textContent: MODEL_WORDS.use, 'aria-label': `${MODEL_WORDS.use}: ${name}`,
    disabled: waits, onclick: () => use(id),
  });
}
