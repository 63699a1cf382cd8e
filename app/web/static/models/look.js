// The Look: the model's classes as a button each, or as a list with a search where there are many.
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { buildLookList } from './looklist.js';
/** @import { Part } from '../page/parts.js' */

const MOST_BUTTONS = 6;

/** @param {Part} part */
export function look({ element, props }) {
  const root = element.querySelector('.os-looks');
  const task = onestroke.task(props.task);
  const place = document.querySelector(`#${props.task}-look`) ?? element;
  const choose = (name) => task.set('look', name);
  let show = (_name) => {};
  /** @type {string[] | null} */
  let looks = null;
  const known = (name) => (looks?.includes(name) ? name : looks?.[0] ?? null);

  // What is set elsewhere, by the history or a file, may be a class of another model.
  function follow({ look: name }) {
    if (!looks || name === undefined) return;
    show(known(name));
    task.set('look', known(name));
  }
  onestroke.onModel((model) => {
    if (looks?.join() === model.looks.join()) return;
    looks = model.looks;
    place.classList.toggle('os-look', looks.length > 0);
    place.classList.toggle('os-hidden', !looks.length);
    const built = (looks.length > MOST_BUTTONS ? buildLookList : buildLookButtons)({ looks, label: props.label, name: `${props.task}-look`, choose });
    root.replaceChildren(...built.nodes);
    show = built.show;
    const name = known(task.settings.look ?? props.first);
    show(name);
    // Quietly: whoever asks again with another model does not ask for its look besides.
    if (task.settings.look !== name) task.write({ look: name }, { quiet: true });
  });
  task.on('settings', follow);
}

function buildLookButtons({ looks, label, name, choose }) {
  const radios = looks.map((value) => make('input', { type: 'radio', name, value, onchange: () => choose(value) }));
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const labels = radios.map((radio) => make('label', {}, radio, make('span', { textContent: capital(radio.value) })));
  const title = make('span', { id: `${name}-title`, 'data-testid': 'block-info', textContent: label });
  return {
    nodes: [title, make('div', { className: 'wrap', role: 'radiogroup', 'aria-labelledby': title.id }, ...labels)],
    show(chosen) { for (const radio of radios) radio.checked = radio.value === chosen; },
  };
}
