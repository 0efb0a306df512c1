package dev.fairlead.git;

import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SemVersion;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.EmptyProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectIdRef;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a remote: asks where one ref points to, or for the names of the tags
 * (protocol v2: two small requests) and, over the same conversation, fetches that commit alone.
 * Bound to the thread that opened it; interrupting that thread, if it is virtual, ends it within
 * milliseconds.
 */
final class Exchange implements AutoCloseable {
  private final Transport transport;
  private final Connections.Conversation conversation;
  private final FetchConnection connection;
  private final RefSelector selector;
  private final RefList refs;

  private Exchange(
      Transport transport,
      Connections.Conversation conversation,
      FetchConnection connection,
      RefSelector selector,
      RefList refs) {
    this.transport = transport;
    this.conversation = conversation;
    this.connection = connection;
    this.selector = selector;
    this.refs = refs;
  }

  /**
   * What the remote says of a ref.
   *
   * @param name as {@code Revision.ref} has it
   * @param target what to fetch: a commit or an annotated tag
   * @param commit the commit itself, as far as it is known before the fetch
   */
  record Found(String name, ObjectId target, ObjectId commit) {
    /** As a tag itself has it. */
    String shortName() {
      return name.startsWith(Constants.R_TAGS) ? name.substring(Constants.R_TAGS.length()) : name;
    }
  }

  /** Opens it and asks. {@code silence} bounds the time to connect and the time without a byte. */
  static Exchange open(
      BoundedRepository into,
      RemoteUrl url,
      Connections connections,
      RefSelector selector,
      Duration silence)
      throws IOException {
    return open(into, url, connections, selector, silence, 1);
  }

  /**
   * The same, for one who wants the history too.
   *
   * @param depth how many commits back, the newest counted
   */
  static Exchange open(
      BoundedRepository into,
      RemoteUrl url,
      Connections connections,
      RefSelector selector,
      Duration silence,
      int depth)
      throws IOException {
    try {
      return openOnce(into, url, connections, selector, silence, depth);
    } catch (IOException e) {
      if (!connections.renewed(e)) {
        throw e;
      }
    }
    return openOnce(into, url, connections, selector, silence, depth);
  }

  private static Exchange openOnce(
      BoundedRepository into,
      RemoteUrl url,
      Connections connections,
      RefSelector selector,
      Duration silence,
      int depth)
      throws IOException {
    Transport transport = transport(into, url);
    RefList refs = into.refList();
    Connections.Conversation conversation = connections.use(transport);
    try {
      transport.setTimeout(Math.clamp(silence.plusMillis(999).toSeconds(), 1, 3600));
      transport.setTagOpt(TagOpt.NO_TAGS);
      transport.setDepth(depth);
      FetchConnection connection =
          refs.count(() -> transport.openFetch(List.of(), wireName(selector)));
      return new Exchange(transport, conversation, connection, selector, refs);
    } catch (Throwable e) {
      transport.close();
      conversation.close();
      refs.close();
      throw e;
    }
  }

  private static Transport transport(BoundedRepository into, RemoteUrl url) throws IOException {
    if (url.isFile()) {
      ObjectFormat.require(Path.of(url.uri().getPath()));
    }
    try {
      return Transport.open(into, url.location());
    } catch (URISyntaxException e) {
      throw new IOException("spec.url cannot be used");
    }
  }

  /**
   * The prefix of the refs to ask for. A hash needs no ref, but asking for none would list all of
   * them.
   */
  private static String wireName(RefSelector selector) {
    return switch (selector) {
      case RefSelector.Head _, RefSelector.Hash _ -> Constants.HEAD;
      case RefSelector.Branch branch -> Constants.R_HEADS + branch.name();
      case RefSelector.Tag tag -> Constants.R_TAGS + tag.name();
      case RefSelector.Semver _ -> Constants.R_TAGS;
      case RefSelector.Name name -> name.ref();
    };
  }

  /** Empty when the remote has no such ref. */
  Optional<Found> find() {
    if (selector instanceof RefSelector.Hash hash) {
      ObjectId id = ObjectId.fromString(hash.commit());
      return Optional.of(new Found("commit", id, id));
    }
    Ref ref =
        selector instanceof RefSelector.Semver semver
            ? newestVersion(semver.range()::contains).orElse(null)
            : connection.getRef(wireName(selector));
    if (ref == null || ref.getObjectId() == null) {
      return Optional.empty();
    }
    String name =
        switch (selector) {
          case RefSelector.Head _, RefSelector.Hash _ ->
              ref.getTarget().getName().startsWith(Constants.R_HEADS)
                  ? ref.getTarget().getName().substring(Constants.R_HEADS.length())
                  : Constants.HEAD;
          case RefSelector.Branch branch -> branch.name();
          case RefSelector.Tag tag -> tag.name();
          case RefSelector.Semver _ -> tagOf(ref);
          case RefSelector.Name full -> full.ref();
        };
    ObjectId peeled = ref.getPeeledObjectId();
    return Optional.of(
        new Found(name, ref.getObjectId(), peeled == null ? ref.getObjectId() : peeled));
  }

  /** The newest version among the tags, in whatever range; empty when no tag is a version. */
  Optional<String> newestVersion() {
    return newestVersion(_ -> true).map(Exchange::tagOf);
  }

  private Optional<Ref> newestVersion(Predicate<SemVersion> wanted) {
    record Version(Ref ref, SemVersion version) {}
    return connection.getRefs().stream()
        .filter(ref -> ref.getName().startsWith(Constants.R_TAGS))
        .flatMap(ref -> SemVersion.ofTag(tagOf(ref)).map(v -> new Version(ref, v)).stream())
        .filter(v -> wanted.test(v.version()))
        .max(
            Comparator.comparing(Version::version, SemVersion.ORDER)
                .thenComparing(v -> v.ref().getName()))
        .map(Version::ref);
  }

  private static String tagOf(Ref ref) {
    return ref.getName().substring(Constants.R_TAGS.length());
  }

  /** Whether the remote has any ref that we asked for; an empty repository has none. */
  boolean sawNothing() {
    return connection.getRefs().isEmpty();
  }

  /** Brings what was found into the store, and as much of its history as was wanted. */
  void fetch(Found found) throws IOException {
    Ref want = new ObjectIdRef.Unpeeled(Ref.Storage.NETWORK, found.name(), found.target());
    try {
      refs.countBeside(() -> connection.fetch(new Watch(), List.of(want), Set.of()));
    } catch (IOException e) {
      OverBound over = overBound(e);
      throw over == null ? e : over;
    }
  }

  /** JGit wraps what reading the pack throws. */
  private static @Nullable OverBound overBound(IOException failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof OverBound over) {
        return over;
      }
    }
    return null;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } finally {
      transport.close();
      conversation.close();
      refs.close();
    }
  }

  /**
   * Lets the unpacking stop too, which waits for no network. JGit asks {@link #isCancelled} only
   * between the deltas of one object and those of the next, which may be the whole pack.
   */
  private static final class Watch extends EmptyProgressMonitor {
    @Override
    public boolean isCancelled() {
      return Thread.currentThread().isInterrupted();
    }

    @Override
    public void update(int completed) {
      if (isCancelled()) {
        throw new CancellationException("stopped while a pack was unpacked");
      }
    }
  }
}
