/** Tests of what a sync decides, keeps and reports, none of which needs a cluster. */
@NullMarked
package dev.fairlead.reconcile;

import org.jspecify.annotations.NullMarked;
