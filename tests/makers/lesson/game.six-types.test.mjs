import { playAll } from "./play.mjs";

playAll("six-types");
