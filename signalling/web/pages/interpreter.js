/** The page of an interpreter: offers, work for them, their schedule, hours, profile, standing. */

import { openPage } from './desk/page.js';
import { Shell } from './desk/shell.js';
import { Availability } from './interpreter/availability.js';
import { Now } from './interpreter/now.js';
import { Offers } from './interpreter/offers.js';
import { OwnProfile } from './interpreter/own_profile.js';
import { Presence } from './interpreter/presence.js';
import { ProfileForm } from './interpreter/profile_form.js';
import { Recommended } from './interpreter/recommended.js';
import { Ring } from './interpreter/ring.js';
import { Schedule } from './interpreter/schedule.js';
import { Standing } from './interpreter/standing.js';
import { words } from './interpreter/strings.js';
import { Work } from './interpreter/work.js';

// Sections that stand or fall with a method.
const NEEDS = { open: 'assignment.recommend', standing: 'feedback.standing' };

openPage('interpreter', async ({ live, name }) => {
  const profile = new OwnProfile(live);
  const work = new Work(live);
  const offers = new Offers(live);
  const presence = new Presence(live);
  await Promise.all([profile.load(), work.load(), offers.load(), presence.load()]);
  const desk = { live, profile, work, offers, presence };
  const sections = [
    { id: 'now', title: words.now, icon: 'bell', view: new Now(desk) },
    { id: 'open', title: words.open, icon: 'star', view: new Recommended(desk) },
    { id: 'schedule', title: words.schedule, icon: 'calendar', view: new Schedule(desk) },
    { id: 'hours', title: words.hours, icon: 'clock', view: new Availability(desk) },
    { id: 'profile', title: words.profile, icon: 'person', view: new ProfileForm(desk) },
    { id: 'standing', title: words.standing, icon: 'scales', view: new Standing(desk) },
  ].filter(({ id }) => !NEEDS[id] || live.has(NEEDS[id]));
  const shell = new Shell({
    client: live.client,
    title: words.page,
    name: profile.value.name || name,
    sections,
    head: [presence.chip],
  });
  for (const { id, view } of sections) {
    view.addEventListener?.('count', () => shell.count(id, view.waiting));
    if (view.waiting) shell.count(id, view.waiting);
  }
  new Ring(desk);
  return shell.element;
});
