package dev.fairlead.chaos;

import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A repository, and what each of its commits says. One thread. */
final class Repo {
  private final String name;
  private final GitRepository git;
  private final Map<String, Tree> commits = new LinkedHashMap<>();
  private Tree tree = Tree.EMPTY;
  private String head = "";
  private int unrelated;

  Repo(String name, GitRepository git) {
    this.name = name;
    this.git = git;
  }

  String name() {
    return name;
  }

  String url() {
    return git.url();
  }

  /** What main says now. */
  Tree tree() {
    return tree;
  }

  /** The commit of main. */
  String head() {
    return head;
  }

  /** All commits that main ever pointed at, in the order in which it first did. */
  List<String> commits() {
    return List.copyOf(commits.keySet());
  }

  Tree treeAt(String commit) {
    Tree at = commits.get(commit);
    if (at == null) {
      throw new AssertionError(commit + " was never the newest of " + name);
    }
    return at;
  }

  boolean hasCommit(String commit) {
    return commits.containsKey(commit);
  }

  /** A commit on top of main. */
  void commit(Tree next, String message) {
    List<GitChange> changes = new ArrayList<>(next.since(tree));
    if (changes.isEmpty()) {
      changes.add(new GitChange.Write("README", "Nothing to deploy, " + unrelated++ + "\n"));
    }
    at(git.commit(GitRepository.MAIN, message, changes), next);
  }

  /** A force-push to a commit of old. */
  void forcePush(String commit) {
    git.branch(GitRepository.MAIN, commit);
    at(commit, treeAt(commit));
  }

  private void at(String commit, Tree next) {
    head = commit;
    tree = next;
    commits.put(commit, next);
  }
}
