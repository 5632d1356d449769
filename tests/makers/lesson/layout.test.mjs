// Where Roblox puts things, case by case: small trees and the rectangles that its documentation promises.
import assert from "node:assert/strict";
import { test } from "node:test";
import { layout, wrap } from "../../../src/makers/lesson/check/tools/layout.mjs";

const udim = (Scale, Offset) => ({ Scale, Offset });
const udim2 = (x, xo, y, yo) => ({ X: udim(x, xo), Y: udim(y, yo) });
const OBJECT = { AnchorPoint: { X: 0, Y: 0 }, AutomaticSize: "None", BackgroundTransparency: 0, BorderSizePixel: 0, LayoutOrder: 0,
  Position: udim2(0, 0, 0, 0), Size: udim2(0, 0, 0, 0), Visible: true, ZIndex: 1, ClipsDescendants: false };
const TEXT = { Font: "GothamMedium", RichText: false, TextScaled: false, TextSize: 20, TextWrapped: true, TextXAlignment: "Left" };
const LIST = { FillDirection: "Vertical", HorizontalAlignment: "Left", VerticalAlignment: "Top", SortOrder: "LayoutOrder", Padding: udim(0, 10) };
let count = 0;
const node = (cls, name, properties, ...children) => ({ id: (count += 1), class: cls, name, properties, children });
const frame = (name, properties, ...children) => node("Frame", name, { ...OBJECT, ...properties }, ...children);
const label = (name, Text, properties) => node("TextLabel", name, { ...OBJECT, ...TEXT, Text, ...properties });
const list = (properties) => node("UIListLayout", "UIListLayout", { ...LIST, ...properties });
const fill = () => node("UIFlexItem", "UIFlexItem", { FlexMode: "Fill" });
const padding = (left, right, top, bottom) =>
  node("UIPadding", "UIPadding", { PaddingLeft: udim(0, left), PaddingRight: udim(0, right), PaddingTop: udim(0, top), PaddingBottom: udim(0, bottom) });

// A letter is as wide as its em: 20 pixels at a TextSize of 24.
const measure = (text, em) => [...text].length * em;

// name → [x, y, width, height] in a screen of 1000 by 500, below a bar of 50.
function rectangles(...children) {
  const gui = node("ScreenGui", "Gui", { AbsoluteSize: { X: 1000, Y: 450 }, ScreenInsets: "CoreUISafeInsets", ZIndexBehavior: "Sibling" }, ...children);
  const { boxes } = layout({ gui, width: 1000, height: 500, top: 50, side: 0 }, measure);
  return Object.fromEntries(boxes.map(({ name, area }) => [name, [area.x, area.y, area.width, area.height].map(Math.round)]));
}

test("scale is a share of the parent and offset pixels; the anchor is the point that stands at the position", () => {
  assert.deepEqual(rectangles(frame("a", { Size: udim2(0.5, 10, 1, -50), Position: udim2(0.5, 0, 0.5, 0), AnchorPoint: { X: 0.5, Y: 0.5 } },
    frame("b", { Size: udim2(0.5, 0, 0, 20), Position: udim2(1, 0, 0, 5), AnchorPoint: { X: 1, Y: 0 } }))),
  { a: [245, 75, 510, 400], b: [500, 80, 255, 20] });
});

test("a list puts its pieces by LayoutOrder with the padding between them, and what is invisible takes no room", () => {
  const one = (name, LayoutOrder, Visible = true) => frame(name, { LayoutOrder, Visible, Size: udim2(0, 100, 0, 30) });
  assert.deepEqual(rectangles(frame("box", { Size: udim2(1, 0, 1, 0) }, list({}), one("late", 2), one("hidden", 1, false), one("early", 0))),
    { box: [0, 50, 1000, 450], early: [0, 50, 100, 30], late: [0, 90, 100, 30] });
  assert.deepEqual(rectangles(frame("box", { Size: udim2(1, 0, 1, 0) }, list({ FillDirection: "Horizontal", HorizontalAlignment: "Right", VerticalAlignment: "Center" }), one("a", 0), one("b", 1))),
    { box: [0, 50, 1000, 450], a: [790, 260, 100, 30], b: [900, 260, 100, 30] });
});

test("padding takes from the room of pieces and of texts", () => {
  assert.deepEqual(rectangles(frame("box", { Size: udim2(1, 0, 1, 0) }, padding(10, 20, 30, 40), frame("in", { Size: udim2(1, 0, 1, 0) }))),
    { box: [0, 50, 1000, 450], in: [10, 80, 970, 380] });
});

test("AutomaticSize grows from Size, which is the least, and counts the lines of a wrapped text", () => {
  const grown = (text, height) => rectangles(label("a", text, { TextSize: 24, AutomaticSize: "Y", Size: udim2(0, 200, 0, height) })).a;
  assert.deepEqual(grown("one two", 0), [0, 50, 200, 24]);
  assert.deepEqual(grown("one two three four", 0), [0, 50, 200, 48]);
  assert.deepEqual(grown("one two three four", 100), [0, 50, 200, 100]);
  assert.deepEqual(rectangles(frame("card", { AutomaticSize: "Y", Size: udim2(0, 220, 0, 0) }, list({}), padding(10, 10, 5, 5),
    label("a", "one two three four", { TextSize: 24, AutomaticSize: "Y", Size: udim2(1, 0, 0, 0) }), label("b", "x", { LayoutOrder: 1, TextSize: 24, AutomaticSize: "Y", Size: udim2(1, 0, 0, 0) }))),
  { card: [0, 50, 220, 92], a: [10, 55, 200, 48], b: [10, 113, 200, 24] });
});

test("a size constraint wins", () => {
  const limit = node("UISizeConstraint", "UISizeConstraint", { MinSize: { X: 300, Y: 0 }, MaxSize: { X: 600, Y: 100 } });
  assert.deepEqual(rectangles(frame("a", { Size: udim2(1, 0, 1, 0) }, limit)).a, [0, 50, 600, 100]);
  assert.deepEqual(rectangles(frame("a", { Size: udim2(0, 10, 0, 10) }, limit)).a, [0, 50, 300, 10]);
});

test("what fills has what the others leave, and grows with the width it was given", () => {
  const a = frame("a", { Size: udim2(0, 100, 0, 40) });
  assert.deepEqual(rectangles(frame("box", { Size: udim2(1, 0, 1, 0) }, list({}), a, frame("b", { LayoutOrder: 1, Size: udim2(1, 0, 0, 0) }, fill()), frame("c", { LayoutOrder: 2, Size: udim2(0, 100, 0, 60) }))),
    { box: [0, 50, 1000, 450], a: [0, 50, 100, 40], b: [0, 100, 1000, 330], c: [0, 440, 100, 60] });
  const text = node("TextLabel", "b", { ...OBJECT, ...TEXT, TextSize: 24, Text: "one two three four", AutomaticSize: "Y", LayoutOrder: 1 }, fill());
  assert.deepEqual(rectangles(frame("box", { Size: udim2(0, 310, 1, 0) }, list({ FillDirection: "Horizontal" }), a, text)).b, [110, 50, 200, 48]);
});

test("a scrolling frame moves its canvas, no further than it reaches, and clips it", () => {
  const scroller = (at) => node("ScrollingFrame", "body", { ...OBJECT, Size: udim2(1, 0, 1, 0), ClipsDescendants: true, AutomaticCanvasSize: "Y",
    CanvasPosition: { X: 0, Y: at }, CanvasSize: udim2(0, 0, 0, 0), ScrollingDirection: "Y", ScrollBarThickness: 8 }, list({}),
  frame("a", { Size: udim2(1, 0, 0, 300) }), frame("b", { LayoutOrder: 1, Size: udim2(1, 0, 0, 300) }));
  assert.deepEqual(rectangles(scroller(0)), { body: [0, 50, 1000, 450], a: [0, 50, 1000, 300], b: [0, 360, 1000, 300] });
  assert.deepEqual(rectangles(scroller(100)).b, [0, 260, 1000, 300]);
  assert.deepEqual(rectangles(scroller(9999)).b, [0, 200, 1000, 300]);
});

test("text breaks between words, and inside of a word that is longer than the line", () => {
  const letters = (text) => [...text].length;
  assert.deepEqual(wrap("one two three", 7, letters), ["one two", "three"]);
  assert.deepEqual(wrap("one\n\ntwo", 7, letters), ["one", "", "two"]);
  assert.deepEqual(wrap("antidisestablishment is", 8, letters), ["antidise", "stablish", "ment is"]);
  assert.deepEqual(wrap("", 8, letters), [""]);
});

test("what would be a guess is an error", () => {
  const wrong = (piece, words) => assert.throws(() => rectangles(piece), words);
  wrong(frame("a", { AutomaticSize: "XY" }), /AutomaticSize\.XY is not known/);
  wrong(frame("a", { AutomaticSize: "Y", Size: udim2(1, 0, 0.5, 0) }, list({})), /share of a height that grows/);
  wrong(frame("a", { AutomaticSize: "Y" }, frame("b", {})), /content without a list/);
  wrong(frame("a", { AutomaticSize: "Y" }, list({}), frame("b", {}, fill())), /nothing to fill in a height that grows/);
  wrong(frame("a", {}, list({}), list({})), /two UIListLayout/);
  wrong(frame("a", { Rotation: 5 }), /Frame\.Rotation is not known/);
  wrong(frame("a", {}, list({ SortOrder: "Name" })), /SortOrder = Name is not known/);
});
