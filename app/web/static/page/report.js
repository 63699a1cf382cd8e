// A report of a problem, as text in the clipboard: which program and browser this is, and what went wrong lately.
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { noteErrorsOf, recent } from '../shared/problems.js';

const COPIED = 'Copied. Paste it where you report the problem.';
const HELD_BACK = 'The browser does not let the page copy. Select the text and copy it.';

/** @returns {Promise<Record<string, unknown>>} what the server says of itself; nothing if it does not answer */
const health = () => fetch('health', { cache: 'no-store' }).then((answer) => answer.json()).catch(() => ({ state: 'no answer' }));

async function reportText() {
  const { version = '?', state, device = '?' } = await health();
  const lines = [`Onestroke ${version}, ${onestroke.model.name} on ${device}: ${state}`, navigator.userAgent];
  lines.push(`${innerWidth} x ${innerHeight} pixels at ${devicePixelRatio}`);
  return [...lines, ...(recent().length ? recent() : ['nothing went wrong on this page so far'])].join('\n');
}

/** @returns {Node[]} a button, and the text where it could not be copied */
export function reportParts() {
  noteErrorsOf(window);
  const said = make('p', { role: 'status' });
  const shown = make('pre', { hidden: true });
  const copy = async () => {
    const text = await reportText();
    const copied = await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(() => true, () => false);
    said.textContent = copied ? COPIED : HELD_BACK;
    shown.hidden = copied;
    shown.textContent = text;
  };
  return [make('button', { type: 'button', className: 'os-sm secondary', onclick: copy }, 'Copy a report of a problem'), said, shown];
}
