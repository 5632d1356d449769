import { seeAll } from "./seeall.mjs";

seeAll("hostile");
