// Keyboard shortcuts of one task's tab: never while a person types into a field, a dialog is open, or another tab is shown.
import { onestroke } from './bus.js';

export function bindKeys({ task, tools, view, visible, more = {} }) {
  const plain = {
    b: () => tools.set({ tool: 'brush' }),
    e: () => tools.set({ tool: 'eraser' }),
    f: () => tools.set({ tool: 'fill' }),
    i: () => tools.set({ tool: 'pick' }),
    x: () => tools.swap(),
    '[': () => tools.grow(1 / 1.15),
    ']': () => tools.grow(1.15),
    0: () => view.fit(),
    n: () => task.do('reroll'),
    l: () => task.do('lock'),
    v: () => task.do('vary'),
    c: () => task.do('compare'),
    d: () => task.do('download'),
    delete: () => task.do('clear'),
    escape: () => task.do('stop'),
    '?': () => onestroke.open('help'),
    ...more,
  };
  const typing = (target) => target.matches?.('input:not([type=range], [type=radio], [type=checkbox], [type=color]), textarea, select, [contenteditable]');
  const elsewhere = (event) => event.isComposing || typing(event.target) || !visible() || document.querySelector('dialog[open]');
  const onPaper = (target) => target === document.body || target.matches?.('.os-paper canvas');

  document.addEventListener('keydown', (event) => {
    if (elsewhere(event)) return;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    let does = null;
    if (command && key === 'z') does = () => task.do(event.shiftKey ? 'redo' : 'undo');
    else if (command && key === 'y') does = () => task.do('redo');
    else if (!command && !event.altKey) does = plain[key];
    if (key === ' ' && onPaper(event.target)) { view.grab(true); event.preventDefault(); }
    if (!does) return;
    event.preventDefault();
    does();
  });
  document.addEventListener('keyup', (event) => { if (event.key === ' ') view.grab(false); });
  window.addEventListener('blur', () => view.grab(false));
}
