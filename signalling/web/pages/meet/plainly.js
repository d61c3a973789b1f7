/** What went wrong, in the words of this page where it has some. */

import { plainly as inWords } from '../ui/plainly.js';
import { words } from './strings.js';

export function plainly(error) {
  return inWords(error, words.errors);
}
