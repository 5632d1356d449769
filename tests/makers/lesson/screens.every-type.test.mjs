import { seeAll } from "./seeall.mjs";

seeAll("every-type");
