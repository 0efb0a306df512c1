/** What the build itself runs: formatting. It must not be used by tests. */
@NullMarked
package dev.fairlead.build;

import org.jspecify.annotations.NullMarked;
