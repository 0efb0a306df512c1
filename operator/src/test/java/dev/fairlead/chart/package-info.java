/**
 * Tests of the Helm chart and of manifests/install.yaml, which is rendered from it. They must not
 * start a daemon.
 */
@NullMarked
package dev.fairlead.chart;

import org.jspecify.annotations.NullMarked;
