// Which tab is shown: the header says when to use it, and a reload comes back to it.
import { onestroke } from '../shared/bus.js';
import { hearOutside } from '../shared/outside.js';
import { readStore, writeStore } from '../shared/store.js';

const TABS_MS = 50; // between two looks whether Gradio has built its tabs

// To be called when pictures can already be sent to tabs.
export function followTabs() {
  const bar = document.querySelector('#tabs [role=tablist]');
  if (!bar) { setTimeout(followTabs, TABS_MS); return; }
  const before = readStore('tab', null);
  const shown = () => document.querySelector('#tabs [role=tab][aria-selected=true][data-tab-id]')?.getAttribute('data-tab-id');
  function tell() {
    const tab = shown();
    if (!tab) return;
    writeStore('tab', tab);
    onestroke.task('tabs').emit('shown', tab, { keep: true });
  }
  new MutationObserver(tell).observe(bar, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-selected'] });
  // Gradio closes the menu of further tabs itself.
  hearOutside(({ target }) => Boolean(document.querySelector('.overflow-dropdown:not(.hide)'))
    && !(/** @type {Element} */ (target).closest('.overflow-menu')));
  if (before && before !== shown()) onestroke.show(before);
  tell();
}
