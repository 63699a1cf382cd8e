// The header: name, the model's button, help; and the dialogs they open.
import { exampleOps, exampleThumb } from '../result/examples.js';
import { onestroke } from '../shared/bus.js';
import { iconButton, make } from '../shared/dom.js';
import { EDIT_SHORTCUTS, SHORTCUTS } from '../shared/words.js';
import { reportParts } from './report.js';
/** @import { Part } from './parts.js' */

/** @param {Part} part */
export function header({ element, props }) {
  const root = element.querySelector('.os-header');
  const { card, examples } = props;
  const mark = make('span', { className: 'os-mark', 'aria-hidden': 'true' });
  const model = make('button', { type: 'button', className: 'os-model', 'aria-haspopup': 'dialog', onclick: () => onestroke.open('models') }, card.name, make('span', { textContent: 'on this computer' }));
  const help = iconButton('help', 'Help and shortcuts', { tip: 'Help and shortcuts  (?)', className: 'os-end', 'data-do': 'help', onclick: () => onestroke.open('help') });
  root.append(mark, make('h1', { textContent: 'Onestroke' }), make('p', { textContent: props.motto }), make('div', { className: 'grow' }), model, help);

  function dialog(name, title, ...content) {
    const close = iconButton('close', 'Close', { 'data-tip': null, onclick: () => node.close() });
    const heading = make('h2', { id: `os-${name}-title`, textContent: title });
    const node = make('dialog', { id: `os-${name}`, className: 'os-dialog', 'aria-labelledby': heading.id }, make('header', {}, heading, close), ...content);
    node.addEventListener('click', (event) => { if (event.target === node) node.close(); });
    root.append(node);
    onestroke.dialogs[name] = () => node.showModal();
    return node;
  }

  const keycap = (key) => (key.startsWith('+') ? ` ${key.slice(1)}` : make('kbd', { textContent: key }));
  const shortcutList = (shortcuts) => make('dl', {}, ...shortcuts.map(([label, ...combinations]) =>
    make('div', {}, make('dt', { textContent: label }), make('dd', {}, ...combinations.flatMap((keys) => keys.flatMap((key) => [keycap(key), ' ']))))));
  dialog('help', 'Shortcuts', shortcutList(SHORTCUTS), make('h3', { textContent: 'In the other tabs' }), shortcutList(EDIT_SHORTCUTS), make('div', { className: 'os-report' }, ...reportParts(card.name)));

  const facts = card.facts.map(([label, text]) => make('div', {}, make('dt', { textContent: label }), make('dd', { textContent: text })));
  dialog('models', card.name, card.description ? make('p', { textContent: card.description }) : null, make('dl', { className: 'facts' }, ...facts));

  const chooser = dialog('examples', 'Start from someone\'s strokes', make('div', { className: 'os-gallery' }, ...examples.map((example) =>
    make('figure', {}, exampleThumb(example, 140, () => { chooser.close(); onestroke.task('paint').do('load', { name: example.name, ops: exampleOps(example) }); }), make('figcaption', { textContent: example.title })))));
}
