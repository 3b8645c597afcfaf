// The page on which a courier signs for a manifest.

import { arm } from "./signature.js";

arm(document);
