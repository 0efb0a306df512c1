package dev.fairlead.daemon;

import dev.fairlead.daemon.FaultRow.Fault;
import dev.fairlead.daemon.FaultRow.Outcome;
import dev.fairlead.model.Reason;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitFault;
import dev.fairlead.testbed.GitRepository;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Rows: the Git server, the ref, the path. */
final class GitFaults {
  private static final String BRANCH = "ref: {branch: main}";

  private GitFaults() {}

  private record Both(
      Consumer<FaultSite> prepares, Consumer<FaultSite> strikes, Consumer<FaultSite> lifts)
      implements Fault {
    Both(Consumer<FaultSite> strikes, Consumer<FaultSite> lifts) {
      this(site -> {}, strikes, lifts);
    }

    @Override
    public void prepare(FaultSite site) {
      prepares.accept(site);
    }

    @Override
    public void strike(FaultSite site) {
      strikes.accept(site);
    }

    @Override
    public void lift(FaultSite site) {
      lifts.accept(site);
    }
  }

  private static FaultRow server(String name, GitFault fault, Reason reason, String message) {
    return FaultRow.of(
        "unreachable Git server",
        name,
        new Both(site -> site.git().fail(fault), site -> site.git().heal()),
        new Outcome.Refused(reason, message));
  }

  static List<FaultRow> rows() {
    return List.of(
        FaultRow.of(
            "unreachable Git server",
            "nobody listens there",
            new Both(site -> site.git().goDown(), site -> site.git().comeBack()),
            new Outcome.Refused(
                Reason.FETCH_FAILED,
                "cannot connect to <url> (Connection refused*): is the server up and open to this"
                    + " pod?")),
        server(
                "it takes the request and never answers",
                new GitFault.Stall(),
                Reason.FETCH_FAILED,
                "the repository did not answer within spec.fetchTimeout*")
            .with("path: deploy", "fetchTimeout: 1s")
            .hitting("spec.fetchTimeout"),
        server(
            "it has a problem of its own",
            new GitFault.Answer(503),
            Reason.FETCH_FAILED,
            "<host> has a problem of its own (503)"),
        server(
            "the repository is gone",
            new GitFault.Answer(404),
            Reason.FETCH_FAILED,
            "there is no repository at <url> (404): check spec.url; many servers say so too when"
                + " credentials are missing or may not read it"),
        FaultRow.of(
                "wrong credentials",
                "the password was changed on the server",
                new Both(
                    site -> {
                      site.secret("hunter3-was-secret");
                      site.git().requireBasic("robot", "hunter3-was-secret");
                    },
                    site -> site.git().requireBasic("robot", FaultSite.PASSWORD),
                    site -> site.secret(FaultSite.PASSWORD)),
                new Outcome.Refused(
                    Reason.AUTHENTICATION_FAILED,
                    "<host> does not accept the credentials (401): check the Secret of"
                        + " spec.secretRef"))
            .with("path: deploy", "secretRef: {name: git}"),
        FaultRow.of(
            "wrong credentials",
            "the server begins to ask for some",
            new Both(
                site -> site.git().requireBasic("robot", FaultSite.PASSWORD),
                site -> site.git().requireNothing()),
            new Outcome.Refused(
                Reason.AUTHENTICATION_FAILED,
                "<host> asks for credentials (401): name a Secret with username and password, or"
                    + " bearerToken, in spec.secretRef; many servers say so too where there is no"
                    + " such repository, so check spec.url")),
        FaultRow.of(
                "wrong credentials",
                "the Secret is deleted",
                new Both(
                    site -> site.secret(FaultSite.PASSWORD),
                    site ->
                        site.api()
                            .delete("/api/v1/namespaces/" + site.namespace() + "/secrets/git"),
                    site -> site.secret(FaultSite.PASSWORD)),
                new Outcome.Refused(
                    Reason.AUTHENTICATION_FAILED,
                    "the Secret <ns>/git of spec.secretRef does not exist: create it, or correct"
                        + " spec.secretRef"))
            .with("path: deploy", "secretRef: {name: git}"),
        FaultRow.of(
                "missing ref",
                "the branch is deleted",
                new Both(
                    site -> site.repository().deleteBranch(GitRepository.MAIN),
                    site -> site.repository().branch(GitRepository.MAIN, site.good())),
                new Outcome.Refused(Reason.REF_NOT_FOUND, "branch main does not exist in <url>"))
            .with("path: deploy", BRANCH),
        FaultRow.of(
            "missing path",
            "a commit renames the folder",
            site -> site.replace("prod/a.yaml", FaultSite.configMap("a", "changed")),
            new Outcome.Refused(
                Reason.PATH_NOT_FOUND,
                "spec.path deploy does not exist at commit *: the root has prod")),
        FaultRow.of(
            "a path without manifests",
            "the folder has other files only",
            site -> site.replace("deploy/README.md", "soon"),
            new Outcome.Refused(
                Reason.BUILD_FAILED,
                "deploy: holds no .yaml, .yml or .json file; nothing is pruned for that")),
        FaultRow.of(
            "a path without manifests",
            "the only manifest holds comments alone",
            site -> site.replace("deploy/a.yaml", "# soon\n---\n"),
            new Outcome.Refused(
                Reason.BUILD_FAILED,
                "deploy: holds no Kubernetes object; nothing is pruned for that")),
        FaultRow.of(
            "force-pushed branch",
            "a history without a common commit has the same files, and is followed",
            new Both(GitFaults::rewriteHistory, site -> {}),
            new Outcome.Followed()),
        FaultRow.of(
            "force-pushed branch",
            "a history without a common commit has nothing to apply",
            new Both(
                site -> {
                  String orphan =
                      site.repository()
                          .commit(
                              "orphan",
                              "A new beginning",
                              List.of(new GitChange.Write("README.md", "soon")));
                  site.repository().branch(GitRepository.MAIN, orphan);
                },
                site -> site.repository().branch(GitRepository.MAIN, site.good())),
            new Outcome.Refused(
                Reason.PATH_NOT_FOUND,
                "spec.path deploy does not exist at commit *: the root has no directories")),
        FaultRow.of(
                "an emptied repository",
                "it has no branch any more",
                new Both(
                    site -> site.repository().deleteBranch(GitRepository.MAIN),
                    site -> site.repository().branch(GitRepository.MAIN, site.good())),
                new Outcome.Refused(
                    Reason.REF_NOT_FOUND,
                    "the repository <url> has no commit on its default branch: push one, or name a"
                        + " branch in spec.ref"))
            .with("path: deploy"),
        FaultRow.of(
                "an emptied repository",
                "a commit removes every file",
                site ->
                    site.repository()
                        .commit(
                            GitRepository.MAIN, "Away", List.of(new GitChange.Delete("deploy"))),
                new Outcome.Refused(
                    Reason.BUILD_FAILED,
                    ".: holds no .yaml, .yml or .json file; nothing is pruned for that"))
            .with());
  }

  private static void rewriteHistory(FaultSite site) {
    Map<String, String> same = FaultSite.GOOD;
    List<GitChange> changes =
        same.entrySet().stream()
            .<GitChange>map(e -> new GitChange.Write(e.getKey(), site.own(e.getValue())))
            .toList();
    String orphan = site.repository().commit("orphan", "A new beginning", changes);
    site.repository().branch(GitRepository.MAIN, orphan);
  }
}
