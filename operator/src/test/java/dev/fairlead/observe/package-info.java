/** Tests of meters and logs, with a strict reader of what Prometheus would scrape. */
@NullMarked
package dev.fairlead.observe;

import org.jspecify.annotations.NullMarked;
