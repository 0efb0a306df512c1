package dev.fairlead.cluster;

import dev.fairlead.api.GitSyncFields;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.CustomKind;
import dev.fairlead.plan.Requirements;
import dev.fairlead.plan.Requirements.Right;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the API server for all that {@link Requirements} judges: a dozen requests, one after the
 * other. Nothing is kept. Any thread may call.
 */
public final class Preconditions {
  private static final Resource REVIEWS =
      new Resource(
          "authorization.k8s.io",
          "v1",
          "selfsubjectaccessreviews",
          "SelfSubjectAccessReview",
          false,
          Set.of("create"));
  private static final ObjectKey DEFINITION =
      CustomKind.DEFINITIONS.key("", "gitsyncs.fairlead.dev");

  private final ApiServer api;
  private final InstantSource clock;

  public Preconditions(ApiServer api, InstantSource clock) {
    this.api = api;
    this.clock = clock;
  }

  /**
   * What is known at present.
   *
   * @param needed the rights to ask for
   */
  public Requirements.Facts gather(List<Right> needed, Requirements.Memory memory)
      throws ApiException, InterruptedException {
    Instant before = clock.instant();
    ApiServer.Greeting greeting = api.greet();
    Instant middle = before.plus(Duration.between(before, clock.instant()).dividedBy(2));
    List<Right> missing = new ArrayList<>();
    for (Right right : needed) {
      if (!allowed(right)) {
        missing.add(right);
      }
    }
    return new Requirements.Facts(
        version(greeting.version()),
        definition(),
        missing,
        greeting.time().map(d -> Duration.between(d, middle)).orElse(Duration.ZERO),
        memory);
  }

  /** Which Kubernetes it is. */
  public Requirements.Version server() throws ApiException, InterruptedException {
    return version(api.greet().version());
  }

  private static Requirements.Version version(Json.Obj answer) {
    return new Requirements.Version(
        number(answer.string("major").orElse("")),
        number(answer.string("minor").orElse("")),
        answer.string("gitVersion").orElse("of an unknown version"));
  }

  /** {@code 31+} is 31. */
  private static int number(String text) {
    String digits = text.replaceAll("\\D.*", "");
    return digits.isEmpty() || digits.length() > 4 ? 0 : Integer.parseInt(digits);
  }

  private Optional<Requirements.Definition> definition() throws ApiException, InterruptedException {
    try {
      return Optional.of(
          new Requirements.Definition(
              api.get(CustomKind.DEFINITIONS, DEFINITION), GitSyncFields::missingIn));
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.Forbidden) {
        // The missing right is told.
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean allowed(Right right) throws ApiException, InterruptedException {
    int slash = right.resource().indexOf('/');
    Map<String, Json> attributes = new LinkedHashMap<>();
    attributes.put("group", Json.of(right.group()));
    attributes.put(
        "resource", Json.of(slash < 0 ? right.resource() : right.resource().substring(0, slash)));
    attributes.put("subresource", Json.of(slash < 0 ? "" : right.resource().substring(slash + 1)));
    attributes.put("verb", Json.of(right.verb()));
    attributes.put("namespace", Json.of(right.namespace()));
    attributes.put("name", Json.of(right.name()));
    Json.Obj review =
        Json.of(
            Map.of(
                "apiVersion", Json.of(REVIEWS.gvk().apiVersion()),
                "kind", Json.of(REVIEWS.kind()),
                "spec", Json.of(Map.of("resourceAttributes", Json.of(attributes)))));
    try {
      return api.ask(REVIEWS, review)
          .object("status")
          .flatMap(s -> s.bool("allowed"))
          .orElse(false);
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.Forbidden) {
        // Who may not ask finds out by doing.
        return true;
      }
      throw e;
    }
  }
}
