// Which tab is shown: the header says when to use it, a reload comes back to it, and the browser's Back to the one before.
import { onestroke } from '../shared/bus.js';
import { hearOutside } from '../shared/outside.js';
import { readStore, writeStore } from '../shared/store.js';

const TABS_MS = 50; // between two looks whether Gradio has built its tabs

// To be called when pictures can already be sent to tabs.
export function followTabs() {
  const bar = document.querySelector('#tabs [role=tablist]');
  if (!bar) { setTimeout(followTabs, TABS_MS); return; }
  const shown = () => document.querySelector('#tabs [role=tab][aria-selected=true][data-tab-id]')?.getAttribute('data-tab-id');
  const first = shown();
  const before = named() ?? readStore('tab', null) ?? first;
  let last = first;     // that was seen
  let at = before;      // that the address stands for
  function tell() {
    const tab = shown();
    if (!tab) return;
    if (tab !== last && tab !== at) { window.history.pushState(null, '', `#${tab}`); at = tab; } // Back has gone there already
    last = tab;
    writeStore('tab', tab);
    onestroke.task('tabs').emit('shown', tab, { keep: true });
  }
  new MutationObserver(tell).observe(bar, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-selected'] });
  // Gradio closes the menu of further tabs itself.
  hearOutside(({ target }) => Boolean(document.querySelector('.overflow-dropdown:not(.hide)'))
    && !(/** @type {Element} */ (target).closest('.overflow-menu')));
  window.addEventListener('popstate', () => {
    at = named() ?? first;
    if (at !== shown()) onestroke.show(at);
  });
  if (before !== first) onestroke.show(before);
  tell();
}

// The tab that the address names, if it is one.
function named() {
  const tab = window.location.hash.slice(1);
  return tab === 'models' || onestroke.targets.some(({ task }) => task === tab) ? tab : null;
}
