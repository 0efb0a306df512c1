/**
 * What Fairlead serves over HTTP: metrics and probes. It must not decide anything or change
 * anything: it asks suppliers that others give to it.
 */
@NullMarked
package dev.fairlead.web;

import org.jspecify.annotations.NullMarked;
