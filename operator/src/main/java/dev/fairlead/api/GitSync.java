package dev.fairlead.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.Labels;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The one resource, as the source of {@code manifests/crd.yaml}.
 *
 * <p>The CRD is generated from this type; nothing creates instances of it. The daemon reads
 * GitSyncs as JSON with {@link GitSyncs} and writes them by patches.
 */
@Group("fairlead.dev")
@Version("v1alpha1")
@Kind("GitSync")
@Singular("gitsync")
@Plural("gitsyncs")
@ShortNames("gsync")
@Categories("fairlead")
@Labels("applyset.kubernetes.io/is-parent-type=true")
@ValidationRule(value = SpecRules.CEL_NAME, message = SpecRules.NAME_MESSAGE)
@AdditionalPrinterColumn(
    name = "Ready",
    type = AdditionalPrinterColumn.Type.STRING,
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
    name = "Status",
    type = AdditionalPrinterColumn.Type.STRING,
    jsonPath = ".status.summary.message")
@AdditionalPrinterColumn(
    name = "Revision",
    type = AdditionalPrinterColumn.Type.STRING,
    jsonPath = ".status.summary.revision")
@AdditionalPrinterColumn(
    name = "Applied",
    type = AdditionalPrinterColumn.Type.DATE,
    jsonPath = ".status.applied.at")
@AdditionalPrinterColumn(
    name = "Objects",
    type = AdditionalPrinterColumn.Type.STRING,
    jsonPath = ".status.summary.objects")
@AdditionalPrinterColumn(
    name = "Suspended",
    type = AdditionalPrinterColumn.Type.BOOLEAN,
    jsonPath = ".spec.suspend")
@AdditionalPrinterColumn(
    name = "Age",
    type = AdditionalPrinterColumn.Type.DATE,
    jsonPath = ".metadata.creationTimestamp")
public final class GitSync extends CustomResource<GitSyncSpec, GitSyncStatus>
    implements Namespaced {}
