// The header: name, the model's button, help; and the dialogs they open.
import { exampleOps, exampleThumb } from '../result/examples.js';
import { onestroke } from '../shared/bus.js';
import { byFinger, iconButton, make } from '../shared/dom.js';
import { fit, worded } from '../shared/subject.js';
import { EDIT_SHORTCUTS, GESTURES, SHORTCUTS } from '../shared/words.js';
import { hearModelNews } from '../models/modelnews.js';
import { bindAdvanced } from './advanced.js';
import { reportParts } from './report.js';
/** @import { Part } from './parts.js' */

/** @param {Part} part */
export function header({ element, props, server }) {
  const root = element.querySelector('.os-header');
  const { examples } = props;
  onestroke.setModel(props.model);
  const line = buildLine(props.lines);
  const mark = make('span', { className: 'os-mark', 'aria-hidden': 'true' });
  const name = make('b');
  const model = make('button', { type: 'button', className: 'os-model', 'aria-haspopup': 'dialog', onclick: () => onestroke.open('models') }, name, make('span', { className: 'os-where', textContent: isHere() ? 'on this computer' : '' }));
  const help = iconButton('help', 'Help and shortcuts', { tip: 'Help and shortcuts  (?)', className: 'os-end', 'data-do': 'help', onclick: () => onestroke.open('help') });
  root.append(mark, make('h1', { textContent: 'Onestroke' }), line, make('div', { className: 'grow' }), model, help);

  function dialog(name, title, ...content) {
    const close = iconButton('close', 'Close', { 'data-tip': null, onclick: () => node.close() });
    const heading = make('h2', { id: `os-${name}-title`, textContent: title });
    const node = make('dialog', { id: `os-${name}`, className: 'os-dialog', 'aria-labelledby': heading.id }, make('header', {}, heading, close), ...content);
    node.addEventListener('click', (event) => { if (event.target === node) node.close(); });
    root.append(node);
    onestroke.dialogs[name] = () => node.showModal();
    return node;
  }

  const keycap = (key) => (key.length > 1 && key.startsWith('+') ? ` ${key.slice(1)}` : make('kbd', { textContent: key }));
  const shortcutList = (shortcuts) => make('dl', {}, ...shortcuts.map(([label, ...combinations]) =>
    make('div', {}, worded(make('dt'), label), make('dd', {}, ...combinations.flatMap((keys) => keys.flatMap((key) => [keycap(key), ' ']))))));
  const gestures = make('dl', { className: 'gestures' }, ...GESTURES.map(([does, how]) => make('div', {}, make('dt', { textContent: does }), make('dd', { textContent: how }))));
  const first = byFinger() ? [gestures, make('h3', { textContent: 'On a keyboard' })] : [];
  dialog('help', byFinger() ? 'Fingers and keys' : 'Shortcuts', ...first, shortcutList(SHORTCUTS), make('h3', { textContent: 'In the other tabs' }), shortcutList(EDIT_SHORTCUTS), make('div', { className: 'os-report' }, ...reportParts()));

  const description = make('p');
  const facts = make('dl', { className: 'facts' });
  const about = dialog('models', '', description, facts);
  onestroke.onModel((used) => {
    name.textContent = model.title = used.name;
    about.querySelector('h2').textContent = used.name;
    description.textContent = used.description;
    facts.replaceChildren(...used.facts.map(([label, text]) => make('div', {}, make('dt', { textContent: label }), make('dd', { textContent: text }))));
  });
  hearModelNews(server);
  bindAdvanced();

  const chooser = dialog('examples', 'Start from someone\'s strokes', make('div', { className: 'os-gallery' }, ...examples.map((example) =>
    make('figure', {}, exampleThumb(example, 140, () => { chooser.close(); onestroke.task('paint').do('load', { name: example.name, ops: exampleOps(example) }); }), make('figcaption', { textContent: example.title })))));
}

// Whether the page comes from the computer that shows it.
const isHere = () => ['localhost', '127.0.0.1', '[::1]'].includes(window.location.hostname);

// When to use the tab that is shown.
function buildLine(lines) {
  const line = make('p');
  let tab = 'paint';
  const say = () => { line.textContent = line.title = fit(lines[tab] ?? ''); };
  onestroke.onModel(say);
  onestroke.task('tabs').on('shown', (shown) => { tab = shown; say(); });
  return line;
}
