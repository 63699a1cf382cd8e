// Hold O: what was there before, as long as the key is down.
export function bindPeek({ task, visible }) {
  const typing = (target) => target.matches?.('input:not([type=range], [type=radio], [type=checkbox], [type=color]), textarea, select');
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'o' || event.repeat || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !visible() || document.querySelector('dialog[open]')) return;
    task.do('peek', true);
  });
  document.addEventListener('keyup', (event) => { if (event.key.toLowerCase() === 'o') task.do('peek', false); });
  window.addEventListener('blur', () => task.do('peek', false));
}
