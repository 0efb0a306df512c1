package dev.fairlead.cluster;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.LogKeys;
import dev.fairlead.schema.KindSchema;
import dev.fairlead.schema.SchemaCompiler;
import dev.fairlead.schema.SchemaDocument;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas of the kinds that the API server serves, from its OpenAPI v3 documents.
 *
 * <p>Guarantees: a document is fetched when one of its kinds is asked for, and again only after the
 * index told that it changed; two threads that want the same one fetch it once; a document that
 * cannot be had, or not within 5 s, is as if it told nothing. Holds compiled documents only, and a
 * bounded number of them. Any number of threads.
 */
public final class Schemas {
  private static final Logger LOG = LoggerFactory.getLogger(Schemas.class);

  /** How many documents are kept; those that were not asked for longest go first. */
  static final int MAX_DOCUMENTS = 500;

  /** How long a failure, or the server's word that there is no such document, is believed. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How long a check waits for a document; it does without when the server is slow. */
  private static final Duration WAIT = Duration.ofSeconds(5);

  private final ApiServer server;
  private final InstantSource clock;
  private final SchemaCompiler compiler = new SchemaCompiler();
  private final ReentrantLock indexing = new ReentrantLock();
  private final Map<String, CompletableFuture<SchemaDocument>> fetching = new ConcurrentHashMap<>();

  /** By the path of group and version; guarded by itself. */
  private final Map<String, Loaded> documents =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Loaded> eldest) {
          return size() > MAX_DOCUMENTS;
        }
      };

  private volatile Map<String, String> index = Map.of();
  private volatile Instant indexed = Instant.MIN;

  /**
   * A document in a version of it.
   *
   * @param address with the hash of the content; empty when it could not be had
   * @param at when it was asked for
   */
  private record Loaded(String address, SchemaDocument document, Instant at) {}

  /** Knows nothing yet. */
  public Schemas(ApiServer server, InstantSource clock) {
    this.server = server;
    this.clock = clock;
  }

  /** Compiles definitions that the server does not know yet. */
  public SchemaCompiler compiler() {
    return compiler;
  }

  /** The schema of a kind; nothing where the server tells of none, or does not answer. */
  public Optional<KindSchema> find(GroupVersionKind gvk) throws InterruptedException {
    Optional<KindSchema> known = document(gvk.apiVersion()).find(gvk);
    if (known.isPresent() || !isOld(indexed)) {
      return known;
    }
    // It may have come since.
    refresh();
    return document(gvk.apiVersion()).find(gvk);
  }

  /** The document of a group and version; one that tells nothing where there is none (yet). */
  public SchemaDocument document(String apiVersion) throws InterruptedException {
    String path = (apiVersion.indexOf('/') < 0 ? "api/" : "apis/") + apiVersion;
    Optional<Loaded> loaded = current(path);
    if (loaded.isPresent()) {
      return loaded.get().document();
    }
    try {
      return fetching
          .computeIfAbsent(path, this::begin)
          .get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // It goes on; whoever asks next may find it.
      return SchemaDocument.NONE;
    } catch (ExecutionException e) {
      throw new IllegalStateException("unexpected while fetching " + path, e.getCause());
    }
  }

  private CompletableFuture<SchemaDocument> begin(String path) {
    CompletableFuture<SchemaDocument> fetched = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("schemas")
        .start(() -> {
          try {
            fetched.complete(fetch(path));
          } catch (InterruptedException | RuntimeException e) {
            fetched.completeExceptionally(e);
          } finally {
            fetching.remove(path);
          }
        });
    return fetched;
  }

  private Optional<Loaded> current(String path) {
    if (indexed.equals(Instant.MIN)) {
      return Optional.empty();
    }
    String address = index.get(path);
    synchronized (documents) {
      Loaded loaded = documents.get(path);
      if (address == null) {
        return Optional.of(new Loaded("", SchemaDocument.NONE, indexed));
      }
      if (loaded == null) {
        return Optional.empty();
      }
      boolean usable =
          loaded.address().equals(address) || (loaded.address().isEmpty() && !isOld(loaded.at()));
      return usable ? Optional.of(loaded) : Optional.empty();
    }
  }

  private SchemaDocument fetch(String path) throws InterruptedException {
    if (indexed.equals(Instant.MIN)) {
      refresh();
    }
    Optional<Loaded> meanwhile = current(path);
    if (meanwhile.isPresent()) {
      return meanwhile.get().document();
    }
    String address = index.getOrDefault(path, "");
    Loaded loaded;
    try {
      SchemaDocument.Reader reader = compiler.document();
      server.openApiDocument(address, reader::add);
      loaded = new Loaded(address, reader.done(), clock.instant());
    } catch (ApiException e) {
      unavailable(e);
      loaded = new Loaded("", SchemaDocument.NONE, clock.instant());
    }
    synchronized (documents) {
      documents.put(path, loaded);
    }
    return loaded.document();
  }

  /**
   * Asks the server which documents have changed.
   *
   * @return whether any has
   */
  public boolean refresh() throws InterruptedException {
    Instant before = indexed;
    indexing.lockInterruptibly();
    try {
      if (!indexed.equals(before)) {
        return true;
      }
      Map<String, String> old = index;
      index = Map.copyOf(server.openApiIndex());
      return !index.equals(old);
    } catch (ApiException e) {
      unavailable(e);
      return false;
    } finally {
      indexed = clock.instant();
      indexing.unlock();
    }
  }

  private boolean isOld(Instant at) {
    return at.equals(Instant.MIN) || !clock.instant().isBefore(at.plus(PATIENCE));
  }

  private static void unavailable(ApiException e) {
    LOG.atDebug()
        .addKeyValue(LogKeys.DETAIL, e.getMessage())
        .log("No schemas from the API server; manifests are checked by dry run alone");
  }
}
