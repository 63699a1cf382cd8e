// Carries answers to whoever hears its topic. Two answers that are put into one channel in the same moment would be seen as
// one, so what may overlap has channels of its own.
import { onestroke } from '../shared/bus.js';
/** @import { Part } from './parts.js' */

/** @param {Part} part */
export function channel({ props, watch }) {
  const task = onestroke.task(props.task);
  watch('value', () => task.emit(props.topic, props.value));
}
