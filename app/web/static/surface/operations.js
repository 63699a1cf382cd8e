// What was done, in order, with undo and redo. One entry is one undo; a group is an entry that holds others.

/**
 * A step of a drawing: its tool, and what that tool needs. Points and sizes are in units of the paper, 256 a side.
 * @typedef {{ tool: string, [detail: string]: any }} Operation
 */

/**
 * @param {() => void} redraw  draws everything from the operations; called when some were taken back or brought back
 */
export function createOperations(redraw) {
  /** @type {Operation[]} */
  let ops = [];
  /** @type {Operation[]} */
  let undone = [];
  let version = 0; // grows with every change
  return {
    get all() { return ops; },
    get last() { return ops.at(-1); },
    get next() { return undone.at(-1); }, // that redo brings again
    get version() { return version; },
    get canUndo() { return ops.length > 0; },
    get canRedo() { return undone.length > 0; },
    add(op) { version += 1; ops.push(op); undone = []; },
    undo() { if (!ops.length) return false; version += 1; undone.push(ops.pop()); redraw(); return true; },
    redo() { if (!undone.length) return false; version += 1; ops.push(undone.pop()); redraw(); return true; },
    // All of them, groups opened, from the last one that begins afresh.
    since(begins) {
      const all = flat(ops);
      return all.slice(Math.max(0, all.findLastIndex(begins)));
    },
    save: () => ({ ops, undone }),
    restore(saved) { version += 1; [ops, undone] = [saved.ops, saved.undone]; redraw(); },
  };
}

/**
 * @param {Operation[]} ops
 * @returns {Operation[]} the same with every group opened, also groups in groups
 */
export function flat(ops) { return ops.flatMap((op) => (op.tool === 'group' ? flat(op.ops) : [op])); }
