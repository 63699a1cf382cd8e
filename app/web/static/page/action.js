// One button of ours among Gradio's controls: an icon, a name, and what it does to its task.
import { onestroke } from '../shared/bus.js';
import { iconButton, make, setPressed } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { fit, fitted } from '../shared/subject.js';
/** @import { Part } from './parts.js' */

/** @param {Part} part */
export function action({ element, props }) {
  const root = element.querySelector('.os-action');
  const task = onestroke.task(props.task);
  const button = props.label
    ? buildButton(props, task)
    : buildIcon(props);
  button.dataset.do = props.does;
  button.addEventListener('click', () => (props.opens ? onestroke.open(props.opens) : task.do(props.does, props.argument)));
  root.append(button);

  if (props.does === 'lock') {
    task.on('locked', (on) => { setPressed(button, on); button.replaceChildren(icon(on ? 'lock' : 'unlock')); });
  }
  if (props.does === 'reroll' || props.does === 'generate') {
    button.addEventListener('click', () => showResult(props.task));
    task.on('painting', (painting) => { button.disabled = painting.untouched; });
    button.disabled = true;
  }
}

// On a phone the settings may be a screen away from the picture.
function showResult(task) { document.querySelector(`#${task}-result .os-result`)?.scrollIntoView({ block: 'nearest' }); }

function buildIcon({ icon: name, name: label, tip = label }) {
  const button = iconButton(name, label, { className: 'os-end' });
  fitted(label, (text) => button.setAttribute('aria-label', text));
  fitted(tip, (text) => { button.dataset.tip = text; });
  return button;
}

function buildButton({ label, tip = '', erasing, icon: name, primary }, task) {
  const text = document.createTextNode('');
  const button = make('button', { type: 'button', className: primary ? 'os-lg primary' : 'os-sm secondary' }, name ? icon(name) : null, text);
  let said = [label, tip];
  const say = () => { [text.data, button.title] = said.map((words) => fit(words)); };
  onestroke.onModel(say);
  if (erasing) task.on('settings', ({ how }) => { said = how === 'erase' ? erasing : [label, tip]; say(); });
  return button;
}
