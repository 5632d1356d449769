// The screens of the game, with this lesson's own texts: a player is walked through all of them on a phone held
// both ways and on a television, and rules.mjs says what is wrong with each.
import { checkScreen, estimate } from "./rules.mjs";
import { isMain, run } from "./tool.mjs";
import { VIEWS, walk } from "./walk.mjs";

const CHECKED = ["phone", "phone-upright", "television"];
// What a right answer shows and what a wrong one shows differ little: both are looked at where it is narrowest, and
// one of them elsewhere. A television has room for any text that a phone has: there one stage is enough.
const UNWANTED = { phone: /-right$/, television: /-(wrong|lost)$/ };
const isWanted = (step, view, stage) => !UNWANTED[view.name]?.test(step) && (view.name !== "television" || stage <= 1);

export async function check(folder, modules, add) {
  const seen = new Set();
  let screens = 0;
  let objects = 0;
  const views = VIEWS.filter((view) => CHECKED.includes(view.name));
  const visit = ({ step, view, screen, index }) => {
    screens += 1;
    objects += checkScreen(screen, estimate, (box, text, isOfText) => {
      // A question whose texts find no room can be taken out; all else is the game's own fault.
      const place = isOfText && index !== undefined ? `spec.json#/questions/${index}` : "game/src/client";
      const words = `${box?.name ?? "the interface"} ${text}`;
      // The same fault stands on many screens; where it is seen first tells enough.
      const key = `${place} ${words} ${view.name}`;
      if (!seen.has(key)) add(place, `${words} (${step}, ${view.name}, ${view.width} by ${view.height})`);
      seen.add(key);
    });
  };
  await walk(folder, modules, views, visit, isWanted);
  return `${screens} screens on ${CHECKED.length} devices, ${objects} objects: all in sight, readable and within reach`;
}

if (isMain(import.meta.url)) await run(check);
