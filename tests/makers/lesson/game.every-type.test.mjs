import { playAll } from "./play.mjs";

playAll("every-type");
