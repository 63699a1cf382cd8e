// A model by its path, and where models are kept.
import { make } from '../shared/dom.js';
import { MODEL_WORDS, whatFolder } from './modelwords.js';

/** @param {{ open: (path: string) => void }} options */
export function buildModelPath({ open }) {
  const field = make('input', { type: 'text', id: 'os-model-path', autocomplete: 'off', spellcheck: false });
  const button = make('button', { type: 'submit', className: 'os-sm secondary', textContent: MODEL_WORDS.openIt });
  const form = make('form', {
    className: 'os-open',
    onsubmit(event) { event.preventDefault(); if (field.value.trim()) open(field.value); },
  }, make('label', { htmlFor: field.id, textContent: MODEL_WORDS.path }), field, button);
  const folder = make('p', { className: 'os-note' });
  const node = make('section', { 'aria-labelledby': 'os-open-model' }, make('h2', { id: 'os-open-model', textContent: MODEL_WORDS.open }), form, folder);
  return { node, focus: () => field.focus(), show(answer) { folder.textContent = whatFolder(answer.folder); } };
}
