// What Advanced opens is beside the pictures on a wide page, where the settings scroll: there it is brought into view.

export function bindAdvanced() {
  document.addEventListener('click', ({ target }) => {
    const head = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('.os-advanced > .label-wrap'));
    const settings = head?.closest('.os-settings');
    if (settings) setTimeout(() => { settings.scrollTop += head.getBoundingClientRect().top - settings.getBoundingClientRect().top; });
  });
}
