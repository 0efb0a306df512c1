/**
 * What Fairlead serves over HTTP: metrics, probes, the JSON API and webhooks. It must not decide
 * anything or change anything: it asks suppliers and views that others give to it, and tells them
 * that a hook has arrived.
 */
@NullMarked
package dev.fairlead.web;

import org.jspecify.annotations.NullMarked;
