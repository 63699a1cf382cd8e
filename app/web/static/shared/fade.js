// A row that scrolls sideways fades at its end while more follows there.

/** @param {HTMLElement} row */
export function fadeMore(row) {
  const show = () => {
    const scrolls = getComputedStyle(row).overflowX === 'auto';
    row.classList.toggle('more', scrolls && row.scrollLeft + row.clientWidth < row.scrollWidth - 1);
  };
  row.addEventListener('scroll', show, { passive: true });
  new ResizeObserver(show).observe(row);
  new MutationObserver(show).observe(row, { childList: true, subtree: true, attributeFilter: ['class', 'hidden'] });
  return row;
}
