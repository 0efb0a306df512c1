/**
 * What Fairlead serves over HTTP: metrics, probes and the JSON API. It must not decide anything or
 * change anything: it asks suppliers and views that others give to it.
 */
@NullMarked
package dev.fairlead.web;

import org.jspecify.annotations.NullMarked;
