import { seeAll } from "./seeall.mjs";

seeAll("long");
