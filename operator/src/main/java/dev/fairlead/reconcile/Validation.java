package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.cluster.Schemas;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.schema.FieldFinding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the manifests of a change by the schemas of their kinds, so that everything that is wrong
 * is told, and the same each time: the API server's own list of unknown fields and wrong types is a
 * random part of them, and hides whatever else is wrong.
 *
 * <p>Guarantees: what the server takes is never refused, as it is asked about the same objects;
 * what it could not be asked about is judged by schemas that are current, or come with the change.
 * One instance a change, one thread.
 */
final class Validation {
  private static final Logger LOG = LoggerFactory.getLogger(Validation.class);

  /** What the server said of an object; nothing at all when it would take it. */
  sealed interface Answer {
    /** It would not take it. */
    record Refused(Refusal refusal) implements Answer {}

    /** It would not take it for the lack of another object, so it will be asked again. */
    record PutOff(Refusal refusal) implements Answer {}

    /**
     * It could not be asked before something else is written.
     *
     * @param isNew whether its kind is new, so that nobody can have completed the object, and no
     *     webhook can either
     */
    record NotAsked(boolean isNew) implements Answer {}
  }

  private final Schemas schemas;
  private final SchemaFindings schemaFindings;
  private final ApplyCalls calls;
  private final Map<ObjectKey, List<FieldFinding>> findings = new HashMap<>();

  Validation(Schemas schemas, ApplyCalls calls) {
    this.schemas = requireNonNull(schemas);
    this.schemaFindings = new SchemaFindings(schemas);
    this.calls = requireNonNull(calls);
  }

  /** Finds what the schemas do not allow; to be done before {@link #judged}. */
  void check(Collection<DesiredObject> change) throws InterruptedException {
    findings.clear();
    List<ObjectKey> keys = new ArrayList<>(change.size());
    List<Manifest> manifests = new ArrayList<>(change.size());
    for (DesiredObject object : change) {
      Optional<Manifest> manifest = calls.manifest(object);
      if (manifest.isPresent()) {
        keys.add(object.key());
        manifests.add(manifest.get());
      }
    }
    List<List<FieldFinding>> found = schemaFindings.of(manifests);
    for (int i = 0; i < found.size(); i++) {
      if (!found.get(i).isEmpty()) {
        findings.put(keys.get(i), found.get(i));
      }
    }
  }

  /**
   * All refusals: those of the server, but for what we can tell completely, and ours.
   *
   * @param answers what the server said; objects that it would take are not in it
   * @param refusals those of the server
   */
  List<Refusal> judged(
      Collection<DesiredObject> change, Map<ObjectKey, Answer> answers, List<Refusal> refusals)
      throws InterruptedException {
    boolean doubt =
        !findings.isEmpty()
            || refusals.stream().anyMatch(r -> r.error().filter(isUnread()).isPresent());
    if (doubt && schemas.refresh()) {
      check(change);
    }
    List<Refusal> judged = new ArrayList<>();
    Set<ObjectKey> replaced = new HashSet<>();
    for (DesiredObject object : change) {
      List<FieldFinding> found = findings.getOrDefault(object.key(), List.of());
      Optional<Answer> answer = Optional.ofNullable(answers.get(object.key()));
      List<FieldFinding> believed = believed(found, answer);
      if (!believed.isEmpty()) {
        judged.add(Refusal.malformed(object, believed));
        if (tellsAll(believed, answer)) {
          replaced.add(object.key());
        }
      } else if (answer.isEmpty() && found.stream().anyMatch(FieldFinding::malformed)) {
        LOG.atInfo()
            .addKeyValue(LogKeys.OBJECT, object.key())
            .addKeyValue(LogKeys.FILE, object.origin())
            .addKeyValue(LogKeys.DETAIL, found.getFirst().message())
            .log("The API server takes what its schema does not allow");
      }
    }
    refusals.stream().filter(r -> !replaced.contains(r.object().key())).forEach(judged::add);
    return judged;
  }

  private static Predicate<ApiError> isUnread() {
    return ApiError.BadManifest.class::isInstance;
  }

  /** Whether ours say all that the server says, and more. */
  private static boolean tellsAll(List<FieldFinding> believed, Optional<Answer> answer) {
    return answer.isPresent()
        && answer.get() instanceof Answer.Refused refused
        && refused.refusal().error().filter(isUnread()).isPresent()
        && believed.stream().anyMatch(FieldFinding::malformed);
  }

  /** What of our findings is to be told, in the light of what the server said. */
  static List<FieldFinding> believed(List<FieldFinding> findings, Optional<Answer> answer) {
    if (findings.isEmpty() || answer.isEmpty()) {
      return List.of();
    }
    boolean malformed = findings.stream().anyMatch(FieldFinding::malformed);
    return switch (answer.get()) {
      case Answer.NotAsked notAsked -> malformed || notAsked.isNew() ? findings : List.of();
      case Answer.PutOff putOff ->
          malformed && reading(putOff.refusal()) == Reading.UNKNOWN ? findings : List.of();
      case Answer.Refused refused ->
          switch (reading(refused.refusal())) {
            case UNKNOWN, UNREAD -> findings;
            case READ -> findings.stream().filter(f -> !f.malformed()).toList();
            case JUDGED -> List.of();
          };
    };
  }

  /** How far the server came with an object that it did not take. */
  private enum Reading {
    UNKNOWN,
    /** It could not read it. */
    UNREAD,
    /** It could read it, but did not judge it. */
    READ,
    /** It told everything that is wrong with it. */
    JUDGED
  }

  private static Reading reading(Refusal refusal) {
    if (refusal.error().isEmpty()) {
      return Reading.UNKNOWN;
    }
    return switch (refusal.error().get()) {
      case ApiError.BadManifest _ -> Reading.UNREAD;
      case ApiError.Invalid _, ApiError.ImmutableField _ -> Reading.JUDGED;
      case ApiError.Denied _, ApiError.Conflict _, ApiError.Terminating _, ApiError.TooLarge _ ->
          Reading.READ;
      case ApiError.NotFound missing ->
          missing.missing() == ApiError.NotFound.Missing.KIND ? Reading.UNKNOWN : Reading.READ;
      case ApiError.StaleVersion _,
          ApiError.AlreadyExists _,
          ApiError.Forbidden _,
          ApiError.Unauthorized _,
          ApiError.Throttled _,
          ApiError.Unavailable _,
          ApiError.Expired _,
          ApiError.Rejected _ ->
          Reading.UNKNOWN;
    };
  }
}
