/** How large tiles can be, and where the own small one finds room. Numbers only: no elements. */

/** The best grid for *count* tiles of one *aspect* (width / height) in a box. */
export function grid(count, width, height, aspect, gap) {
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const widest = (width - gap * (columns - 1)) / columns;
    const highest = (height - gap * (rows - 1)) / rows;
    const tile = Math.floor(Math.min(widest, highest * aspect));
    if (tile > best.width) best = { columns, width: tile, height: Math.floor(tile / aspect) };
  }
  return best;
}

/**
 * Arrange the others, and beside them the own small tile, in the lower right corner.
 *
 * The picture of one other person is as large as can be, and the small tile may lie on it. More
 * leave the corner free: the grid shrinks to the left or upwards if its tiles would be covered.
 * Return {columns, width, height, right, bottom}, the last two being what is kept free there.
 */
export function arrange(count, box, small, aspect, gap) {
  const { width, height } = box;
  const whole = grid(count, width, height, aspect, gap);
  if (count <= 1 || !covers(whole, count, box, small, gap))
    return { ...whole, right: 0, bottom: 0 };
  const right = small.width + gap;
  const bottom = small.height + gap;
  const beside = grid(count, width - right, height, aspect, gap);
  const above = grid(count, width, height - bottom, aspect, gap);
  return beside.width >= above.width
    ? { ...beside, right, bottom: 0 }
    : { ...above, right: 0, bottom };
}

/** Whether the corner lies on the last tile of a grid that stands in the middle of its box. */
function covers(tiles, count, box, small, gap) {
  const rows = Math.ceil(count / tiles.columns);
  const last = count - (rows - 1) * tiles.columns;
  const spare = (length, of) => (length - of) / 2;
  const across = last * tiles.width + (last - 1) * gap;
  const down = rows * tiles.height + (rows - 1) * gap;
  const free = {
    width: spare(box.width, across) - gap,
    height: spare(box.height, down) - gap,
  };
  return free.width < small.width && free.height < small.height;
}
