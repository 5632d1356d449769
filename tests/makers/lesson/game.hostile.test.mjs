import { playAll } from "./play.mjs";

playAll("hostile");
