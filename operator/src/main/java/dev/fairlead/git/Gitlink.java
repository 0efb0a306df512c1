package dev.fairlead.git;

import org.eclipse.jgit.lib.ObjectId;

/**
 * A submodule: a commit of another repository.
 *
 * @param path from the root of the repository that names it
 * @param rules for what is in it
 */
record Gitlink(String path, ObjectId commit, IgnoreRules rules) {}
